const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** How long is waited after each try that failed. There is one try more than there are waits. */
const waitsMs: readonly number[] = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];
/** By how much a wait may be shorter, so that what failed together is not tried together. Never longer. */
const jitterShare = 0.1;
const retryAfterMaxMs = 24 * hourMs;

/**
 * How long to wait before the next try.
 *
 * @param failures how often it has failed, 1 or more
 * @param retryAfterMs how long the receiver wants to be left alone; heeded up to a day
 * @param random from 0 to 1
 * @returns null when it is given up
 */
export function waitAfterFailure(
  failures: number,
  retryAfterMs: number | null,
  random: number,
): number | null {
  const waitMs = waitsMs[failures - 1];
  if (waitMs === undefined) return null;
  const asked = Math.min(Math.max(retryAfterMs ?? 0, 0), retryAfterMaxMs);
  return Math.max(Math.round(waitMs * (1 - jitterShare * random)), asked);
}

/** What Retry-After asks for, in ms: seconds or a date. Null when it cannot be read. */
export function readRetryAfter(text: string | null, nowMs: number): number | null {
  const value = text?.trim() ?? "";
  if (/^\d{1,10}$/.test(value)) return Number(value) * secondMs;
  // The three forms of a date all begin with the name of a day.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value)) return null;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
