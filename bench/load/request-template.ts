import { type LoadPlan, userDigits } from "./load-plan.ts";

/**
 * A request as bytes, with places that are overwritten before it is sent. All requests of a kind have one
 * length.
 */
export interface Template {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
}

/** @param target method and path @param extraHeaders each with its line's end */
export function headOf(plan: LoadPlan, target: string, extraHeaders: string, body: string): string {
  return (
    `${target} HTTP/1.1\r\nHost: ${plan.host}:${plan.port}\r\nAuthorization: Bearer ${plan.apiKey}\r\n` +
    `Content-Type: application/json\r\n${extraHeaders}Content-Length: ${body.length}\r\n\r\n`
  );
}

/** Where a text begins in another, each time it does. */
export function startsOf(text: string, part: string): number[] {
  const starts: number[] = [];
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) starts.push(at);
  return starts;
}

/** Writes a number with as many digits as a user's has. */
export function writeDigits(bytes: Buffer, start: number, value: number): void {
  let rest = value;
  for (let at = start + userDigits - 1; at >= start; at -= 1) {
    const next = Math.trunc(rest / 10);
    bytes[at] = 48 + rest - next * 10;
    rest = next;
  }
}
