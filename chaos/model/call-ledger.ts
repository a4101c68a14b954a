import { hash } from "node:crypto";
import type { CallEntry } from "../history/history-entry.ts";
import type { CustomerRow } from "./books.ts";
import type { Asked, Call, Settled } from "./call.ts";
import { type Json, numberOf, objectOf, readJson, textOf } from "./read-json.ts";

/** What an entry of the history came to. */
export type Taken =
  | { readonly kind: "nothing" }
  /** The first definite answer to a call. */
  | { readonly kind: "settled"; readonly call: Call; readonly settled: Settled; readonly reply: Json | null }
  /** A later one. */
  | { readonly kind: "repeated"; readonly call: Call; readonly isSame: boolean; readonly seq: number };

const nothing: Taken = { kind: "nothing" };

/** Refusals that no transaction decides, so that they are not kept under a key: each is told anew, with a new id. */
const unrecorded = new Set([
  "malformed_request",
  "unauthorized",
  "forbidden",
  "not_found",
  "event_not_found",
  "reservation_not_found",
  "cart_not_found",
  "order_not_found",
  "customer_not_found",
  "restock_order_not_found",
  "method_not_allowed",
  "body_too_large",
  "unsupported_media_type",
  "validation_failed",
  "idempotency_mismatch",
  "headers_too_large",
]);

const noWishes: Asked = {
  userId: null,
  quantity: null,
  capacity: null,
  requestId: null,
  identity: null,
  restockOrderId: null,
  isTermsChange: false,
};

/** Puts the attempts of each call together, and forgets what they said except for what is judged by. */
export class CallLedger {
  readonly calls = new Map<number, Call>();
  attempts = 0;
  unknowns = 0;
  replaysCompared = 0;
  readonly #texts = new Map<string, string>();

  take(entry: CallEntry): Taken {
    if (entry.type === "invoke") return this.#invoke(entry);
    const call = this.calls.get(entry.call);
    if (call === undefined)
      throw new Error(`Line ${entry.seq} answers call ${entry.call}, which nobody made.`);
    if (entry.type === "unknown") {
      call.unknowns += 1;
      this.unknowns += 1;
      return nothing;
    }
    const reply = readJson(entry.body);
    if (call.settled !== null) return this.#repeat(call, call.settled, entry, reply);
    const settled = settledBy(entry, entry.type, reply);
    call.settled = settled;
    return { kind: "settled", call, settled, reply };
  }

  #invoke(entry: CallEntry): Taken {
    this.attempts += 1;
    const known = this.calls.get(entry.call);
    if (known !== undefined) {
      known.attempts += 1;
      return nothing;
    }
    this.calls.set(entry.call, {
      call: entry.call,
      f: entry.f,
      user: this.#sameText(entry.user),
      event: this.#sameText(entry.event),
      key: entry.key,
      subject: entry.subject,
      firstSeq: entry.seq,
      firstMs: entry.t_mono,
      asked: askedBy(entry),
      attempts: 1,
      unknowns: 0,
      settled: null,
    });
    return nothing;
  }

  #repeat(call: Call, settled: Settled, entry: CallEntry, reply: Json | null): Taken {
    // Without a key a repetition is another request.
    if (call.key === null) return nothing;
    this.replaysCompared += 1;
    const isSame = settled.digest === digestOf(entry, reply);
    return { kind: "repeated", call, isSame, seq: entry.seq };
  }

  /** Few users and events are named by many calls: each name is kept once. */
  #sameText(text: string | null): string | null {
    if (text === null) return null;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }
}

function askedBy({ f, body, subject, event }: CallEntry): Asked {
  const json = readJson(body);
  if (json === null) return noWishes;
  const customer = objectOf(json, "customer");
  return {
    ...noWishes,
    userId: textOf(json, "user_id"),
    quantity:
      f === "hold" || f === "put_item" ? (numberOf(json, "quantity") ?? 1) : numberOf(json, "quantity"),
    capacity: numberOf(json, "capacity"),
    requestId: textOf(json, "request_id"),
    identity: customer === null ? null : identityOf(customer),
    restockOrderId: f === "deliver" ? (textOf(json, "restock_order_id") ?? subject) : null,
    isTermsChange:
      f === "change_event" && event !== null && Object.keys(json).length > 0 && json["reason"] === undefined,
  };
}

function identityOf(customer: Json): string {
  return nameCustomer({
    email: textOf(customer, "email") ?? "",
    firstName: textOf(customer, "first_name") ?? "",
    lastName: textOf(customer, "last_name") ?? "",
    phoneNumber: textOf(customer, "phone_number") ?? "",
  });
}

/** Whom a sign-up or a customer is about, however the phone is written. */
export function nameCustomer({
  email,
  firstName,
  lastName,
  phoneNumber,
}: Pick<CustomerRow, "email" | "firstName" | "lastName" | "phoneNumber">): string {
  return [email, firstName, lastName, phoneNumber.replaceAll(/\D/g, "")].join(" ");
}

function settledBy(entry: CallEntry, kind: "ok" | "fail", reply: Json | null): Settled {
  return {
    kind,
    seq: entry.seq,
    atMs: entry.t_mono,
    status: entry.status ?? 0,
    code: kind === "fail" ? textOf(reply, "code") : null,
    digest: digestOf(entry, reply),
    named: namedBy(entry, kind, reply),
    count: numberOf(reply, "available") ?? numberOf(reply, "held_and_sold"),
    result: entry.f === "verify" ? textOf(reply, "result") : null,
  };
}

function namedBy({ f, reservation_id }: CallEntry, kind: "ok" | "fail", reply: Json | null): string | null {
  if (kind === "fail") return textOf(reply, "reservation_id") ?? reservation_id;
  if (f === "sign_up") return textOf(objectOf(reply, "customer"), "id");
  return textOf(reply, "id") ?? reservation_id;
}

function digestOf({ status, body }: CallEntry, reply: Json | null): string {
  const code = textOf(reply, "code");
  const isToldAnew = code !== null && unrecorded.has(code);
  const text = isToldAnew ? JSON.stringify({ ...reply, request_id: null }) : (body ?? "");
  return hash("sha256", `${status} ${text}`, "base64").slice(0, 22);
}
