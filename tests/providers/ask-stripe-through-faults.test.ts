import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeId } from "../../api/kernel/ids.ts";
import { type ChargeRequest, NoPaymentAnswerError } from "../../api/providers/payment/payment-provider.ts";
import { StripePayments } from "../../api/providers/payment/stripe-payments.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { startStripeDouble, type StripeDouble, type StripeFault } from "../support/start-stripe-double.ts";
import { stripeCards } from "../support/stripe-books.ts";

const patient = () => AbortSignal.timeout(15_000);

let stripe: StripeDouble;
let payments: StripePayments;

beforeAll(async () => {
  stripe = await startStripeDouble();
  const { secretKey, address } = stripe;
  payments = await StripePayments.open({ secretKey, address });
});
afterAll(() => stripe.close());

function requestWith(token: string): ChargeRequest {
  return { key: makeId(), amountCents: 2_550, currency: "EUR", token, holdUntilMs: Date.now() + 60_000 };
}

function requireNoAnswer(error: unknown): void {
  if (!(error instanceof NoPaymentAnswerError)) throw error;
}

describe("whatever goes wrong, the answer is what Stripe's books say", () => {
  const faults: StripeFault[] = [
    "none",
    "reset_before",
    "reset_after",
    "half_answer_after",
    "error_500_before",
    "error_500_after",
    "rate_limited",
    "not_json_after",
    "lie_after",
  ];

  test.each([1, 2, 3, 4])("seed %i", async (seed) => {
    const random = seededRandom(seed);
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
    for (let round = 0; round < 15; round += 1) {
      const request = requestWith(pick([stripeCards.good, stripeCards.bad, stripeCards.asksBank]));
      const result = await askUntilAnswered(request, () => {
        stripe.failNext(pick(faults), pick(faults));
        return random() < 0.5 ? "charge" : "abandon";
      });
      const isCharged = stripe.books.chargesOf(request.key);
      expect([request.token, result.kind, isCharged]).toEqual([
        request.token,
        result.kind,
        result.kind === "succeeded" ? 1 : 0,
      ]);
      // Nothing that may still succeed is left behind, whichever way it is asked for from now on.
      stripe.failNoMore();
      await payments.charge(request, patient()).catch(requireNoAnswer);
      expect(stripe.books.chargesOf(request.key)).toBe(isCharged);
    }
  });

  async function askUntilAnswered(request: ChargeRequest, nextCall: () => "charge" | "abandon") {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const call = attempt < 20 ? nextCall() : "abandon";
      try {
        return await payments[call](request, patient());
      } catch (error) {
        requireNoAnswer(error);
      }
    }
    throw new Error("It was never answered.");
  }
});
