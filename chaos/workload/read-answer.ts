import type { z } from "zod";
import type { Heard } from "./send-attempts.ts";

/** What an attempt has shown. */
export type Reading<Reply> =
  | { readonly type: "ok"; readonly reply: Reply }
  | { readonly type: "fail"; readonly code: string }
  | { readonly type: "unknown" };

const unknown = { type: "unknown" } as const;

/** What is read from what was heard. */
export interface Answer<Reply> {
  readonly reading: Reading<Reply>;
  /** The reservation that it speaks of: the one that it shows, or the one that a refusal names. */
  readonly reservationId: string | null;
}

/**
 * Tells whether an answer settles what came of a request. 408, 429, every 5xx and 409 `idempotency_in_progress` do not,
 * nor does a reply that is not what the contract says: whoever sends such a one may have done anything.
 *
 * @param schema of the reply that says that the request was done
 */
export function readAnswer<Reply>(heard: Heard, schema: z.ZodType<Reply>): Answer<Reply> {
  if (heard.kind === "broken") return { reading: unknown, reservationId: null };
  const document = parse(heard.text);
  return { reading: readDocument(heard.status, document, schema), reservationId: reservationIn(document) };
}

function readDocument<Reply>(status: number, document: unknown, schema: z.ZodType<Reply>): Reading<Reply> {
  if (status >= 200 && status < 300) {
    const read = schema.safeParse(document);
    return read.success ? { type: "ok", reply: read.data } : unknown;
  }
  const code = textMember(document, "code");
  if (status < 400 || status >= 500 || status === 408 || status === 429 || code === null) return unknown;
  return code === "idempotency_in_progress" ? unknown : { type: "fail", code };
}

function reservationIn(document: unknown): string | null {
  // Only reservations have both.
  const isReservation = hasMember(document, "expires_at") && hasMember(document, "event_id");
  return isReservation ? textMember(document, "id") : textMember(document, "reservation_id");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function hasMember(document: unknown, name: string): document is Record<string, unknown> {
  return typeof document === "object" && document !== null && Object.hasOwn(document, name);
}

function textMember(document: unknown, name: string): string | null {
  if (!hasMember(document, name)) return null;
  const value = document[name];
  return typeof value === "string" ? value : null;
}
