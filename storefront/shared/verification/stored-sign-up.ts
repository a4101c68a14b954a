import { isRecord, numberOf, textOf } from "../storage/read-members.ts";
import { storedValue } from "../storage/stored-value.ts";

/** What the service knows of a sign-up: whose code is out, and how long it is good for. */
export interface SentCode {
  readonly customer_id: string;
  /** As the service writes it. */
  readonly phone_number: string;
  readonly ends_at_ms: number;
  readonly attempts_left: number;
  /** From when on a new code may be asked for. */
  readonly resend_at_ms: number;
  /** Why only a new code helps; null while this one may be tried. */
  readonly end: "expired" | "exhausted" | null;
}

/** A sign-up that has begun and has not come to a verified phone yet. */
export interface SignUp {
  /** Sent again with it, a sign-up makes no second customer and sends no second SMS. */
  readonly request_id: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
  readonly phone_number: string;
  /** What is to be reserved then. */
  readonly event_id: string;
  readonly quantity: number;
  /** Null until the service has answered. */
  readonly code: SentCode | null;
}

/**
 * It is stored before it is sent, so that a reload goes on with it. It names a person, so it lives no longer than the tab,
 * and is taken away once the phone is verified.
 */
export const storedSignUp = storedValue<SignUp>("holdfast-sign-up", parseSignUp, () => sessionStorage);

function parseSignUp(json: unknown): SignUp | null {
  const request_id = textOf(json, "request_id");
  const [first_name, last_name] = [textOf(json, "first_name"), textOf(json, "last_name")];
  const [email, phone_number] = [textOf(json, "email"), textOf(json, "phone_number")];
  const [event_id, quantity] = [textOf(json, "event_id"), numberOf(json, "quantity")];
  if (request_id === null || first_name === null || last_name === null || email === null) return null;
  if (phone_number === null || event_id === null || quantity === null) return null;
  const code = isRecord(json) ? parseCode(json["code"]) : null;
  return { request_id, first_name, last_name, email, phone_number, event_id, quantity, code };
}

function parseCode(json: unknown): SentCode | null {
  const [customer_id, phone_number] = [textOf(json, "customer_id"), textOf(json, "phone_number")];
  const [ends_at_ms, resend_at_ms] = [numberOf(json, "ends_at_ms"), numberOf(json, "resend_at_ms")];
  const attempts_left = numberOf(json, "attempts_left");
  if (customer_id === null || phone_number === null || ends_at_ms === null) return null;
  if (resend_at_ms === null || attempts_left === null) return null;
  const told = textOf(json, "end");
  const end = told === "expired" || told === "exhausted" ? told : null;
  return { customer_id, phone_number, ends_at_ms, attempts_left, resend_at_ms, end };
}
