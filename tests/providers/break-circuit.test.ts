import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CircuitBreaker } from "../../api/providers/outside/break-circuit.ts";
import { ProviderFailure, type RetryClass } from "../../api/providers/outside/provider-failure.ts";

const restMs = 1_000;
let breaker: CircuitBreaker;
let calls: number;

beforeEach(() => {
  vi.useFakeTimers();
  breaker = new CircuitBreaker("The supplier", { failuresMax: 3, restMs });
  calls = 0;
});
afterEach(() => void vi.useRealTimers());

const fail = (retry: RetryClass = "again") =>
  breaker
    .call(() => {
      calls += 1;
      return Promise.reject(new ProviderFailure("Broken.", { retry }));
    })
    .catch((error: unknown) => (error as Error).message);
const succeed = () =>
  breaker.call(async () => {
    calls += 1;
    return "done";
  });

describe("a provider that fails several times in a row", () => {
  test("is not asked any more until it has rested, and then once", async () => {
    for (let count = 0; count < 3; count += 1) expect(await fail()).toBe("Broken.");
    const refused = await succeed().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProviderFailure);
    expect(refused).toMatchObject({
      retry: "again",
      retryAfterMs: restMs,
      message: "The supplier has failed several times in a row and is left alone for a moment.",
    });
    expect(calls).toBe(3);
    vi.advanceTimersByTime(restMs);
    // One call finds out; it fails, and the rest begins anew.
    expect(await fail()).toBe("Broken.");
    expect(await fail()).toContain("left alone");
    expect(calls).toBe(4);
    vi.advanceTimersByTime(restMs);
    expect(await succeed()).toBe("done");
    expect(await succeed()).toBe("done");
  });

  test("is asked on when it succeeds in between", async () => {
    for (let round = 0; round < 4; round += 1) {
      await fail();
      await fail();
      expect(await succeed()).toBe("done");
    }
    expect(calls).toBe(12);
  });
});

test("a final refusal is an answer, however many there are", async () => {
  for (let count = 0; count < 10; count += 1) expect(await fail("never")).toBe("Broken.");
  expect(calls).toBe(10);
});

test("whatever else is thrown counts as a failure, and is passed on", async () => {
  for (let count = 0; count < 3; count += 1)
    await expect(breaker.call(() => Promise.reject(new TypeError("odd")))).rejects.toThrow("odd");
  expect(await fail()).toContain("left alone");
});
