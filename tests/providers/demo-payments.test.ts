import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeId } from "../../api/kernel/ids.ts";
import { DemoPayments } from "../../api/providers/payment/demo-payments.ts";
import { UnreliablePayments } from "../../api/providers/payment/unreliable-payments.ts";
import { type ChargeRequest, NoPaymentAnswerError } from "../../api/providers/payment/payment-provider.ts";
import { DemoPaymentBooks } from "../../api/store/demo-payments.ts";
import { type Database, openDatabase } from "../../api/store/open-database.ts";
import { selectNow } from "../../api/store/select-now.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";

const patient = () => AbortSignal.timeout(15_000);

let testDatabase: TestDatabase;
let database: Database;
let payments: DemoPayments;
/** The same provider, reached by another process. */
let elsewhere: DemoPayments;

beforeAll(async () => {
  testDatabase = await openTestDatabase();
  const { connectionString } = testDatabase;
  database = openDatabase({ connectionString, connectionsMax: 4, onLost: () => {} });
  payments = new DemoPayments(new DemoPaymentBooks(database));
  elsewhere = new DemoPayments(new DemoPaymentBooks(database));
});
afterAll(async () => {
  await database.destroy();
  await testDatabase.close();
});

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

async function readBooks(key: string) {
  return testDatabase.query(
    "select status, amount_cents::int, refunded_cents::int, refund_key from demo_payments where key = $1",
    [key],
  );
}

describe("a charge", () => {
  test("succeeds once, whoever asks for it and however often", async () => {
    const request = requestWith("tok_ok");
    const succeeded = { kind: "succeeded", reference: `demo_${request.key}` };
    const asked = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? payments : elsewhere).charge(request, patient()),
    );
    expect(await Promise.all(asked)).toEqual(asked.map(() => succeeded));
    expect(await readBooks(request.key)).toMatchObject([{ status: "succeeded", amount_cents: 2_550 }]);
  });

  test.each([
    ["tok_declined", "The card was declined."],
    ["tok_nonsense", "Unknown token: the demo takes tok_ok."],
  ])("with %s is declined, and stays so", async (token, reason) => {
    const request = requestWith(token);
    expect(await payments.charge(request, patient())).toEqual({ kind: "declined", reason });
    expect(await elsewhere.abandon(request, patient())).toEqual({ kind: "declined", reason });
  });

  test("with tok_slow can be given up waiting for, and takes place all the same", async () => {
    const request = requestWith("tok_slow");
    const caller = new AbortController();
    const asked = payments.charge(request, caller.signal);
    await waitFor("the charge", async () => (await readBooks(request.key)).length === 1);
    expect(await elsewhere.abandon(request, patient())).toEqual({ kind: "processing" });
    caller.abort();
    await expect(asked).rejects.toThrow(NoPaymentAnswerError);
    await shiftTime(request.key, 4_900);
    expect(await elsewhere.charge(request, patient())).toMatchObject({ kind: "succeeded" });
  });

  test("with tok_lost takes place, its first reply never arrives, and the second does", async () => {
    const impatient = new DemoPayments(new DemoPaymentBooks(database), { lostReplyMs: 1 });
    const request = requestWith("tok_lost");
    await expect(impatient.charge(request, patient())).rejects.toThrow(NoPaymentAnswerError);
    expect(await readBooks(request.key)).toMatchObject([{ status: "succeeded" }]);
    expect(await impatient.charge(request, patient())).toMatchObject({ kind: "succeeded" });

    const other = requestWith("tok_lost");
    const caller = new AbortController();
    const asked = payments.charge(other, caller.signal);
    await waitFor("the charge", async () => (await readBooks(other.key)).length === 1);
    caller.abort();
    await expect(asked).rejects.toThrow(NoPaymentAnswerError);
    expect(await payments.abandon(other, patient())).toMatchObject({ kind: "succeeded" });
  });

  test("with tok_late is processing until a second after the hold by the database's clock, then succeeds", async () => {
    const holdUntilMs = (await selectNow(database)) + 30_000;
    const request = requestWith("tok_late", { holdUntilMs });
    expect(await payments.charge(request, patient())).toEqual({ kind: "processing" });
    const [row] = await testDatabase.query<{ succeeds_at: Date }>(
      "select succeeds_at from demo_payments where key = $1",
      [request.key],
    );
    expect(row?.succeeds_at.getTime()).toBe(holdUntilMs + 1_000);
    expect(await payments.abandon(request, patient())).toEqual({ kind: "processing" });
    await shiftTime(request.key, 31_000);
    expect(await payments.abandon(request, patient())).toMatchObject({ kind: "succeeded" });
  });

  test("does not begin for a caller who is gone", async () => {
    const request = requestWith("tok_ok");
    await expect(payments.charge(request, AbortSignal.abort())).rejects.toThrow(NoPaymentAnswerError);
    // Whatever was asked before this one has been entered by its end.
    await payments.charge(requestWith("tok_ok"), patient());
    expect(await readBooks(request.key)).toEqual([]);
  });

  test("of nothing is refused before it is shared with others", async () => {
    await expect(payments.charge(requestWith("tok_ok", { amountCents: 0 }), patient())).rejects.toThrow(
      RangeError,
    );
  });

  test("of a provider that is away is unknown", async () => {
    const away = openDatabase({
      connectionString: "postgres://127.0.0.1:1/none",
      connectionsMax: 1,
      onLost: () => {},
    });
    const unreachable = new DemoPayments(new DemoPaymentBooks(away));
    await expect(unreachable.charge(requestWith("tok_ok"), patient())).rejects.toThrow(NoPaymentAnswerError);
    await expect(unreachable.abandon(requestWith("tok_ok"), patient())).rejects.toThrow(NoPaymentAnswerError);
    await away.destroy();
  });

  test("shares its transaction with those that arrive meanwhile", async () => {
    const requests = Array.from({ length: 300 }, () => requestWith("tok_ok"));
    await Promise.all(requests.map((request) => payments.charge(request, patient())));
    const rows = await testDatabase.query<{ transactions: number }>(
      "select count(distinct xmin::text)::int as transactions from demo_payments where key = any($1::text[])",
      [requests.map(({ key }) => key)],
    );
    expect(rows[0]?.transactions).toBeLessThan(20);
  });
});

describe("giving a charge up", () => {
  test("before it has arrived keeps it from ever taking place", async () => {
    const request = requestWith("tok_ok");
    expect(await payments.abandon(request, patient())).toEqual({ kind: "never_charged" });
    expect(await elsewhere.charge(request, patient())).toMatchObject({ kind: "declined" });
    expect(await payments.abandon(request, patient())).toEqual({ kind: "never_charged" });
    expect(await readBooks(request.key)).toMatchObject([{ status: "never_charged" }]);
  });

  test("at the same moment as it is charged comes to one of the two, for everybody", async () => {
    for (let round = 0; round < 30; round += 1) {
      const request = requestWith("tok_ok");
      const [charged, abandoned] = await Promise.all([
        payments.charge(request, patient()),
        elsewhere.abandon(request, patient()),
      ]);
      expect([charged.kind, abandoned.kind]).toEqual(
        abandoned.kind === "succeeded" ? ["succeeded", "succeeded"] : ["declined", "never_charged"],
      );
    }
  });
});

describe("a refund", () => {
  async function chargeAndRefund(terms: { readonly amountCents?: number } = {}) {
    const request = requestWith("tok_ok");
    const result = await payments.charge(request, patient());
    if (result.kind !== "succeeded") throw new Error("It was not charged.");
    const refund = {
      key: `refund:${request.key}`,
      reference: result.reference,
      amountCents: 2_550,
      ...terms,
    };
    return { request, refund };
  }

  test("returns the money once, whoever asks for it and however often", async () => {
    const { request, refund } = await chargeAndRefund();
    const asked = Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? payments : elsewhere).refund(refund, patient()),
    );
    await Promise.all(asked);
    expect(await readBooks(request.key)).toMatchObject([{ refunded_cents: 2_550, refund_key: refund.key }]);
  });

  test("of more than was charged fails", async () => {
    const { request, refund } = await chargeAndRefund({ amountCents: 2_551 });
    await expect(payments.refund(refund, patient())).rejects.toThrow("too_much");
    expect(await readBooks(request.key)).toMatchObject([{ refunded_cents: 0 }]);
  });

  test("under another key does not return it a second time", async () => {
    const { request, refund } = await chargeAndRefund({ amountCents: 1_000 });
    await payments.refund(refund, patient());
    await expect(payments.refund({ ...refund, key: "another" }, patient())).rejects.toThrow("other_key");
    expect(await readBooks(request.key)).toMatchObject([{ refunded_cents: 1_000 }]);
  });

  test.each(["tok_declined", "tok_late"])(
    "of a charge with %s, which was never made, fails",
    async (token) => {
      const request = requestWith(token);
      await payments.charge(request, patient());
      const refund = { key: "refund", reference: `demo_${request.key}`, amountCents: 2_550 };
      await expect(payments.refund(refund, patient())).rejects.toThrow("not_charged");
    },
  );
});

test.each([1, 2, 3])(
  "asked until they answer, unreliable providers charge and refund once (seed %i)",
  async (seed) => {
    const flaky = new UnreliablePayments(payments, {
      failsBefore: 0.3,
      failsAfter: 0.3,
      random: seededRandom(seed),
    });
    const untilAnswered = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
      for (let attempt = 0; attempt < 100; attempt += 1) {
        try {
          return await call();
        } catch (error) {
          if (!(error instanceof NoPaymentAnswerError)) throw error;
        }
      }
      throw new Error("It was never answered.");
    };
    for (let round = 0; round < 20; round += 1) {
      const request = requestWith("tok_ok");
      const result = await untilAnswered(() => flaky.charge(request, patient()));
      const reference = result.kind === "succeeded" ? result.reference : "";
      const refund = { key: `refund:${request.key}`, reference, amountCents: 2_550 };
      await untilAnswered(() => flaky.refund(refund, patient()));
      expect(await readBooks(request.key)).toMatchObject([{ status: "succeeded", refunded_cents: 2_550 }]);
    }
  },
);

/** Lets a payment that is processing come this much sooner. */
async function shiftTime(key: string, byMs: number): Promise<void> {
  await testDatabase.query(
    "update demo_payments set succeeds_at = succeeds_at - $2 * interval '1 millisecond' where key = $1",
    [key, byMs],
  );
}
