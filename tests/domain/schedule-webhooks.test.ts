import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRetryAfter, waitAfterFailure } from "../../api/domain/webhook-schedule.ts";

const hourMs = 3_600_000;

/** All waits of a message that is never taken. */
function waitsWith(random: number, retryAfterMs: number | null = null): number[] {
  const waits: number[] = [];
  for (let failures = 1; ; failures += 1) {
    const waitMs = waitAfterFailure(failures, retryAfterMs, random);
    if (waitMs === null) return waits;
    waits.push(waitMs);
  }
}

describe("the waits between tries", () => {
  test("make ten tries over about 75 hours", () => {
    const waits = waitsWith(0);
    expect(waits).toHaveLength(9);
    expect(waits[0]).toBe(5_000);
    const hours = waits.reduce((sum, waitMs) => sum + waitMs, 0) / hourMs;
    expect(hours).toBeGreaterThan(75);
    expect(hours).toBeLessThan(76);
  });

  test("grow, are never longer than the plan, and at most a tenth shorter", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
        const plan = waitsWith(0);
        const waits = waitsWith(random);
        waits.forEach((waitMs, index) => {
          expect(waitMs).toBeLessThanOrEqual(plan[index] ?? 0);
          expect(waitMs).toBeGreaterThanOrEqual(Math.floor((plan[index] ?? 0) * 0.9));
          expect(waitMs).toBeGreaterThan(waits[index - 1] ?? 0);
        });
      }),
    );
  });

  test("are as long as the receiver asks, up to a day, and never shorter than the plan", () => {
    expect(waitAfterFailure(1, 60_000, 1)).toBe(60_000);
    expect(waitAfterFailure(1, 48 * hourMs, 0)).toBe(24 * hourMs);
    expect(waitAfterFailure(4, 1_000, 0)).toBe(2 * hourMs);
    expect(waitAfterFailure(1, -5, 0)).toBe(5_000);
    expect(waitAfterFailure(10, 60_000, 0)).toBeNull();
  });
});

describe("Retry-After", () => {
  const nowMs = Date.UTC(2030, 0, 1, 12);
  test.each([
    [null, null],
    ["", null],
    ["120", 120_000],
    [" 0 ", 0],
    ["Tue, 01 Jan 2030 12:01:00 GMT", 60_000],
    ["Tuesday, 01-Jan-30 12:01:00 GMT", 60_000],
    ["Tue, 01 Jan 2030 11:59:00 GMT", 0],
    ["-1", null],
    ["1.5", null],
    ["soon", null],
    ["2030-01-01T12:01:00Z", null],
    ["Mon, never", null],
    ["9".repeat(30), null],
  ])("%j asks for %j ms", (text, waitMs) => {
    expect(readRetryAfter(text, nowMs)).toBe(waitMs);
  });
});
