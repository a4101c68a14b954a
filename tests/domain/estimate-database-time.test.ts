import { describe, expect, it } from "vitest";
import { DatabaseClock } from "../../api/kernel/clock.ts";

describe("the estimate of the database's time", () => {
  it("goes on from the last reading with this process's monotonic clock, in whole milliseconds", () => {
    let monotonicMs = 123.75;
    const clock = new DatabaseClock(1_893_456_000_000, () => monotonicMs);
    expect(clock.nowMs()).toBe(1_893_456_000_000);
    monotonicMs += 1.5;
    expect(clock.nowMs()).toBe(1_893_456_000_001);
    monotonicMs += 0.5;
    expect(clock.nowMs()).toBe(1_893_456_000_002);
  });

  it("follows a fresh reading, forwards and backwards", () => {
    let monotonicMs = 0;
    const clock = new DatabaseClock(50_000, () => monotonicMs);
    monotonicMs = 1000;
    clock.observe(70_000);
    expect(clock.nowMs()).toBe(70_000);
    clock.observe(40_000);
    monotonicMs = 1250;
    expect(clock.nowMs()).toBe(40_250);
  });
});
