import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeId } from "../../api/kernel/ids.ts";
import { type ChargeRequest, NoPaymentAnswerError } from "../../api/providers/payment/payment-provider.ts";
import { stripeAmountOf } from "../../api/providers/payment/stripe-amounts.ts";
import { StripePayments } from "../../api/providers/payment/stripe-payments.ts";
import { startStripeDouble, type StripeDouble, type StripeFault } from "../support/start-stripe-double.ts";
import { stripeCards } from "../support/stripe-books.ts";
import { waitFor } from "../support/wait-for.ts";

const hourMs = 3_600_000;
const patient = () => AbortSignal.timeout(15_000);

let stripe: StripeDouble;
let payments: StripePayments;
/** How far this machine's clock is ahead. */
let aheadMs = 0;

beforeAll(async () => {
  stripe = await startStripeDouble();
  const { secretKey, address } = stripe;
  payments = await StripePayments.open({ secretKey, address, nowMs: () => Date.now() + aheadMs });
});
afterEach(() => {
  aheadMs = 0;
});
afterAll(() => stripe.close());

function requestWith(token: string, terms: Partial<ChargeRequest> = {}): ChargeRequest {
  return {
    key: makeId(),
    amountCents: 2_550,
    currency: "EUR",
    token,
    holdUntilMs: Date.now() + 60_000,
    ...terms,
  };
}

async function chargeOnce(request: ChargeRequest) {
  const result = await payments.charge(request, patient());
  if (result.kind !== "succeeded") throw new Error(`Wanted a charge, got ${result.kind}.`);
  return result;
}

describe("a charge", () => {
  test("succeeds once, however often it is asked for", async () => {
    const request = requestWith(stripeCards.good);
    const first = await chargeOnce(request);
    expect(await payments.charge(request, patient())).toEqual(first);
    expect(await payments.abandon(request, patient())).toEqual(first);
    expect(stripe.books.chargesOf(request.key)).toBe(1);
  });

  test("is declined in the words of the card's bank, again and again the same", async () => {
    const request = requestWith(stripeCards.bad);
    const declined = { kind: "declined", reason: "Your card was declined." };
    expect(await payments.charge(request, patient())).toEqual(declined);
    expect(await payments.charge(request, patient())).toEqual(declined);
    expect(await payments.abandon(request, patient())).toEqual(declined);
    expect(stripe.books.chargesOf(request.key)).toBe(0);
  });

  test("with a card that Stripe does not know is declined", async () => {
    expect(await payments.charge(requestWith(stripeCards.unknown), patient())).toMatchObject({
      kind: "declined",
    });
  });

  test("that a bank wants confirmed is given up and declined, so that it cannot succeed later", async () => {
    const request = requestWith(stripeCards.asksBank);
    const declined = { kind: "declined", reason: expect.stringContaining("another card") };
    expect(await payments.charge(request, patient())).toEqual(declined);
    expect(await payments.charge(request, patient())).toEqual(declined);
    expect(stripe.books.statusesOf(request.key)).toEqual(["canceled"]);
  });

  test.each([
    ["succeeded", { kind: "succeeded" }],
    ["requires_payment_method", { kind: "declined", reason: "The bank said no." }],
  ] as const)(
    "that was processing and has ended as %s is told as it stands, not as it stood",
    async (end, told) => {
      const request = requestWith(stripeCards.slow);
      expect(await payments.charge(request, patient())).toEqual({ kind: "processing" });
      expect(await payments.abandon(request, patient())).toEqual({ kind: "processing" });
      stripe.books.finish(request.key, end);
      expect(await payments.abandon(request, patient())).toMatchObject(told);
    },
  );

  test.each<StripeFault>([
    "reset_after",
    "half_answer_after",
    "not_json_after",
    "lie_after",
    "error_500_before",
    "reset_before",
    "rate_limited",
  ])("whose answer is no use (%s) is unknown, and found out by asking again", async (fault) => {
    const request = requestWith(stripeCards.good);
    stripe.failNext(fault);
    await expect(payments.charge(request, patient())).rejects.toThrow(NoPaymentAnswerError);
    await chargeOnce(request);
    expect(stripe.books.chargesOf(request.key)).toBe(1);
  });

  test("asked for while the first call is under way is unknown, and not made twice", async () => {
    const request = requestWith(stripeCards.good);
    const release = stripe.holdCalls();
    const callsBefore = stripe.calls.length;
    const first = payments.charge(request, patient());
    await waitFor("the first call", () => stripe.calls.length > callsBefore);
    await expect(payments.charge(request, patient())).rejects.toThrow(NoPaymentAnswerError);
    await expect(payments.abandon(request, patient())).rejects.toThrow(NoPaymentAnswerError);
    release();
    expect(await first).toMatchObject({ kind: "succeeded" });
    expect(stripe.books.chargesOf(request.key)).toBe(1);
  });

  test("is waited for no longer than the caller wants", async () => {
    const request = requestWith(stripeCards.good);
    const caller = new AbortController();
    stripe.failNext("silence_after");
    const asked = payments.charge(request, caller.signal);
    await waitFor("the charge", () => stripe.books.chargesOf(request.key) === 1);
    caller.abort();
    await expect(asked).rejects.toThrow(new NoPaymentAnswerError("Nobody waited for the answer any longer."));
    await expect(payments.charge(request, AbortSignal.abort())).rejects.toThrow(NoPaymentAnswerError);
    await chargeOnce(request);
  });

  test("with a key of ours that Stripe refuses is unknown: an earlier one may have been good", async () => {
    const { address } = stripe;
    const wrong = await StripePayments.open({ secretKey: "sk_test_wrong", address });
    const request = requestWith(stripeCards.good);
    await expect(wrong.charge(request, patient())).rejects.toThrow(NoPaymentAnswerError);
    await expect(wrong.abandon(request, patient())).rejects.toThrow(NoPaymentAnswerError);
  });

  test("is not made again when Stripe has forgotten its key", async () => {
    const request = requestWith(stripeCards.good);
    const first = await chargeOnce(request);
    stripe.forgetKeys();
    aheadMs = 30 * hourMs;
    expect(await payments.charge(request, patient())).toEqual(first);
    expect(await payments.abandon(request, patient())).toEqual(first);
    expect(stripe.books.chargesOf(request.key)).toBe(1);
  });

  test("of a fraction that its currency lacks is declined without asking", async () => {
    const request = requestWith(stripeCards.good, { currency: "JPY", amountCents: 1_050 });
    expect(await payments.charge(request, patient())).toMatchObject({ kind: "declined" });
    expect(await payments.abandon(request, patient())).toEqual({ kind: "never_charged" });
    expect(stripe.books.statusesOf(request.key)).toEqual([]);
  });
});

describe("giving a charge up", () => {
  test("before it has arrived keeps it from ever taking place", async () => {
    const request = requestWith(stripeCards.good);
    expect(await payments.abandon(request, patient())).toEqual({ kind: "never_charged" });
    expect(await payments.charge(request, patient())).toMatchObject({ kind: "declined" });
    expect(await payments.abandon(request, patient())).toEqual({ kind: "never_charged" });
    expect(stripe.books.statusesOf(request.key)).toEqual(["canceled"]);
  });

  // It creates, reads, and cancels.
  test.each([0, 1, 2])("is repeated until it is answered, whatever its step %i meets", async (step) => {
    const faults: StripeFault[] = [
      "reset_before",
      "reset_after",
      "error_500_before",
      "lie_after",
      "rate_limited",
    ];
    for (const fault of faults) {
      const request = requestWith(stripeCards.good);
      stripe.failNext(...Array.from({ length: step }, () => "none" as const), fault);
      await expect(payments.abandon(request, patient())).rejects.toThrow(NoPaymentAnswerError);
      expect(await payments.abandon(request, patient())).toEqual({ kind: "never_charged" });
      expect(await payments.charge(request, patient())).toMatchObject({ kind: "declined" });
      expect(stripe.books.chargesOf(request.key)).toBe(0);
    }
  });

  test("looks into Stripe's books when the answer on record is a failure", async () => {
    const request = requestWith(stripeCards.good);
    stripe.failNext("error_500_after");
    await expect(payments.charge(request, patient())).rejects.toThrow(NoPaymentAnswerError);
    await expect(payments.charge(request, patient())).rejects.toThrow(NoPaymentAnswerError);
    expect(await payments.abandon(request, patient())).toMatchObject({ kind: "succeeded" });
    expect(stripe.books.chargesOf(request.key)).toBe(1);
  });

  test("believes those books that there is nothing only once they would show it", async () => {
    const request = requestWith(stripeCards.good);
    stripe.failNext("error_500_instead");
    await expect(payments.charge(request, patient())).rejects.toThrow(NoPaymentAnswerError);
    await expect(payments.abandon(request, patient())).rejects.toThrow(NoPaymentAnswerError);
    aheadMs = hourMs;
    expect(await payments.abandon(request, patient())).toEqual({ kind: "never_charged" });
  });
});

describe("a refund", () => {
  test("returns the money once, however often it is asked for", async () => {
    const request = requestWith(stripeCards.good);
    const { reference } = await chargeOnce(request);
    const refund = { key: `refund:${request.key}`, reference, amountCents: request.amountCents };
    await payments.refund(refund, patient());
    await payments.refund(refund, patient());
    expect(stripe.books.refundedOf(request.key)).toBe(2_550);
  });

  test.each<StripeFault>(["reset_after", "error_500_before", "not_json_after", "lie_after"])(
    "whose answer is no use (%s) is found out by asking again",
    async (fault) => {
      const request = requestWith(stripeCards.good);
      const { reference } = await chargeOnce(request);
      const refund = { key: `refund:${request.key}`, reference, amountCents: request.amountCents };
      // The first call reads the currency, the second is the refund.
      stripe.failNext("none", fault);
      await expect(payments.refund(refund, patient())).rejects.toThrow(NoPaymentAnswerError);
      await payments.refund(refund, patient());
      expect(stripe.books.refundedOf(request.key)).toBe(2_550);
    },
  );

  test("that went back already under a key that Stripe has forgotten is done", async () => {
    const request = requestWith(stripeCards.good);
    const { reference } = await chargeOnce(request);
    const refund = { key: `refund:${request.key}`, reference, amountCents: request.amountCents };
    await payments.refund(refund, patient());
    stripe.forgetKeys();
    await payments.refund(refund, patient());
    expect(stripe.books.refundedOf(request.key)).toBe(2_550);
  });

  test("of a part returns that part once, however often it is asked for", async () => {
    const request = requestWith(stripeCards.good);
    const { reference } = await chargeOnce(request);
    const refund = { key: `refund:${request.key}`, reference, amountCents: 1_000 };
    await payments.refund(refund, patient());
    await payments.refund(refund, patient());
    expect(stripe.books.refundedOf(request.key)).toBe(1_000);
  });

  test("of more than was charged fails", async () => {
    const request = requestWith(stripeCards.good);
    const { reference } = await chargeOnce(request);
    const refund = { key: `refund:${request.key}`, reference, amountCents: 2_551 };
    await expect(payments.refund(refund, patient())).rejects.toThrow("Stripe refused a refund.");
    expect(stripe.books.refundedOf(request.key)).toBe(0);
  });
});

test.each([
  [2_550, "EUR", 2_550],
  [120_000, "JPY", 1_200],
  [1_050, "JPY", null],
  [1_250, "KWD", 12_500],
  [1_000, "UGX", 1_000],
  [1_050, "ISK", null],
])("what is %i hundredths of %s here is %s at Stripe", (amountCents, currency, expected) => {
  expect(stripeAmountOf(amountCents, currency)).toBe(expected);
});
