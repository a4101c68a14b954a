import { expect } from "vitest";
import type { RawResponse } from "../support/send-raw-request.ts";

/** The body of a hold that would be served. */
export const holdBody = '{"user_id":"ada"}';

/** The head of a request that would be served, after which the connection ends, with further lines. */
export function headOf(path: string, key: string, ...lines: readonly string[]): string {
  return [
    `POST ${path} HTTP/1.1`,
    "Host: localhost",
    `Authorization: Bearer ${key}`,
    "Content-Type: application/json",
    "Connection: close",
    ...lines,
    "",
    "",
  ].join("\r\n");
}

/** What a refusal says, once it has the form of every problem. */
export function problemOf({ status, headers, body }: RawResponse): { status: number; code: unknown } {
  expect(headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  const document = JSON.parse(body) as Record<string, unknown>;
  expect(document).toMatchObject({ status, request_id: headers["x-request-id"] });
  return { status, code: document["code"] };
}
