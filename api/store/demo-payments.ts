import { sql } from "kysely";
import { instantArray, plainArray, textArray } from "./array-literals.ts";
import type { Database } from "./open-database.ts";

type Status = "succeeded" | "declined" | "processing" | "never_charged";

/** A payment to be entered, unless the books know its key. */
interface NewPayment {
  readonly key: string;
  readonly amountCents: number;
  readonly currency: string;
  readonly token: string;
  readonly status: Status;
  /** When it succeeds if it is processing: an instant in ms since 1970, or in ms from now. */
  readonly succeedsAtMs: number | null;
  readonly succeedsAfterMs: number | null;
}

interface Payment {
  readonly key: string;
  readonly token: string;
  readonly status: Status;
  /** How long it is going to be processing; null when it is not. */
  readonly remainingMs: number | null;
  readonly isNew: boolean;
}

type FoundPayment = Omit<Payment, "isNew">;

type RefundResult = "refunded" | "not_charged" | "too_much" | "other_key";

/** The books of the demo's payment provider, written in transactions of their own. */
export class DemoPaymentBooks {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Enters what is not known yet, all in one transaction. @returns what the books say of each, in the same order */
  async enter(payments: readonly NewPayment[]): Promise<Payment[]> {
    const entered = await this.#insert(payments);
    const missing = payments.filter(({ key }) => !entered.has(key)).map(({ key }) => key);
    // The insert waited for whoever was entering the same key, so it can be read now.
    const known = missing.length === 0 ? new Map<string, FoundPayment>() : await this.#select(missing);
    return payments.map(({ key }) => {
      const payment = entered.get(key);
      if (payment !== undefined) {
        // Only the first of several that share a key has entered it.
        entered.set(key, { ...payment, isNew: false });
        return payment;
      }
      const found = known.get(key);
      if (found === undefined) throw new Error(`The payment ${key} was neither entered nor found.`);
      return { ...found, isNew: false };
    });
  }

  /** Takes a charge back once for each refund key, and never more than was charged. */
  async refund(chargeKey: string, refundKey: string, amountCents: number): Promise<RefundResult> {
    const changed = await sql`
      update demo_payments set refunded_cents = ${amountCents}, refund_key = ${refundKey}
      where key = ${chargeKey} and refund_key is null and ${amountCents} <= amount_cents
        and ${statusNow} = 'succeeded'`.execute(this.#database);
    if (changed.numAffectedRows === 1n) return "refunded";
    const read = await sql<{ status: Status; refundKey: string | null }>`
      select ${statusNow} as status, refund_key as "refundKey" from demo_payments where key = ${chargeKey}
      `.execute(this.#database);
    const row = read.rows[0];
    if (row === undefined || row.status !== "succeeded") return "not_charged";
    if (row.refundKey === refundKey) return "refunded";
    return row.refundKey === null ? "too_much" : "other_key";
  }

  async #insert(payments: readonly NewPayment[]): Promise<Map<string, Payment>> {
    const { keys, amounts, currencies, tokens, statuses, instants, delays } = columnsOf(payments);
    // In the order of their keys, so that two processes that enter the same ones cannot block each other for good.
    const result = await sql<FoundPayment>`
      insert into demo_payments (key, amount_cents, currency, token, status, succeeds_at)
      select key, amount_cents, currency, token, status,
        coalesce(succeeds_at, clock_timestamp() + delay_ms * interval '1 millisecond')
      from unnest(${keys}::text[], ${amounts}::bigint[], ${currencies}::text[], ${tokens}::text[],
        ${statuses}::text[], ${instants}::timestamptz[], ${delays}::bigint[])
        as asked (key, amount_cents, currency, token, status, succeeds_at, delay_ms)
      order by key
      on conflict (key) do nothing
      returning ${columns}`.execute(this.#database);
    return new Map(result.rows.map((row) => [row.key, { ...row, isNew: true }]));
  }

  async #select(keys: readonly string[]): Promise<Map<string, FoundPayment>> {
    const result = await sql<FoundPayment>`
      select ${columns} from demo_payments where key = any(${textArray(keys)}::text[])`.execute(
      this.#database,
    );
    return new Map(result.rows.map((row) => [row.key, row]));
  }
}

function columnsOf(payments: readonly NewPayment[]) {
  return {
    keys: textArray(payments.map((payment) => payment.key)),
    amounts: plainArray(payments.map((payment) => payment.amountCents)),
    currencies: textArray(payments.map((payment) => payment.currency)),
    tokens: textArray(payments.map((payment) => payment.token)),
    statuses: plainArray(payments.map((payment) => payment.status)),
    instants: instantArray(payments.map((payment) => payment.succeedsAtMs)),
    delays: plainArray(payments.map((payment) => payment.succeedsAfterMs ?? "NULL")),
  };
}

/** A payment that is processing has succeeded as soon as its time has come; nobody needs to write that down. */
const statusNow = sql`case when status = 'processing' and succeeds_at <= statement_timestamp()
  then 'succeeded' else status end`;

const columns = sql`key, token, ${statusNow} as status,
  case when status = 'processing' and succeeds_at > statement_timestamp()
    then ceil(extract(epoch from succeeds_at - statement_timestamp()) * 1000)::bigint end as "remainingMs"`;
