import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { IdempotencyClaim } from "../kernel/idempotency.ts";
import { RequestProblem } from "./problem-reply.ts";

/**
 * Reads the Idempotency-Key of a request: 1 to 255 printable ASCII characters, bare or as a quoted string.
 *
 * @returns null when there is none
 */
export function readIdempotencyKey(request: IncomingMessage): string | null {
  const header = request.headers["idempotency-key"];
  if (header === undefined) return null;
  const text = Array.isArray(header) ? header.join(",") : header;
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text;
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    const detail = "must have 1 to 255 printable ASCII characters";
    throw new RequestProblem("validation_failed", { errors: [{ pointer: "/Idempotency-Key", detail }] });
  }
  return key;
}

/** The claim of a request on its key, which holds for this caller and this path only. */
export function claimOf(callerName: string, path: string, key: string, body: unknown): IdempotencyClaim {
  return {
    keyDigest: digest(`${callerName}\n${path}\n${key}`),
    requestDigest: digest(JSON.stringify(body)),
  };
}

/** The first 128 bits of a SHA-256, written as a UUID so that the database keeps them in 16 bytes. */
function digest(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
