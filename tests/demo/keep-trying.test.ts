import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Answer, NoAnswerError } from "../../demo/http-sender.ts";
import { backOffMs, isDefinite, keepTrying, type Patience } from "../../demo/keep-trying.ts";

const answer = (status: number, code?: string, retryAfter: string | null = null): Answer => ({
  status,
  retryAfter,
  body: code === undefined ? null : { code },
});

/** A clock that only waiting moves, so that no test sleeps. */
function pretendPatience(patienceMs: number, giveUp = new AbortController().signal) {
  const waits: number[] = [];
  let nowMs = 1_000;
  const patience: Patience = {
    patienceMs,
    giveUp,
    random: () => 0.5,
    nowMs: () => nowMs,
    pause: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
  };
  return { patience, waits };
}

/** Gives these results one after the other, the last one for ever. */
function sequence(...results: (Answer | NoAnswerError)[]) {
  const limits: number[] = [];
  return {
    limits,
    send: async (limitMs: number) => {
      const result = results[Math.min(limits.length, results.length - 1)];
      limits.push(limitMs);
      if (result === undefined || result instanceof NoAnswerError) throw result;
      return result;
    },
  };
}

describe("a request", () => {
  test.each([
    ["a success", answer(201)],
    ["a refusal", answer(409, "sold_out")],
    ["an ended hold", answer(410, "hold_expired")],
    ["a wrong key", answer(401, "unauthorized")],
    ["a mistake", answer(422, "validation_failed")],
  ])("is sent once when the answer is definite: %s", async (_what, result) => {
    const { send, limits } = sequence(result);
    const effort = await keepTrying(send, pretendPatience(60_000).patience);
    expect(effort).toEqual({ kind: "answered", answer: result, tries: 1 });
    expect(limits).toHaveLength(1);
  });

  test.each([
    ["a reset", new NoAnswerError("ECONNRESET")],
    ["a refused connection", new NoAnswerError("ECONNREFUSED")],
    ["a failure of the service", answer(500, "internal_error")],
    ["a gateway that finds nobody", answer(502)],
    ["an overload", answer(503, "overloaded")],
    ["a first request still under way", answer(409, "idempotency_in_progress")],
    ["a limit", answer(429, "rate_limited")],
    ["a request that came too slowly", answer(408, "request_timeout")],
  ])("is sent again until the answer is definite: %s", async (_what, result) => {
    const { send } = sequence(result, result, answer(201));
    const effort = await keepTrying(send, pretendPatience(60_000).patience);
    expect(effort).toEqual({ kind: "answered", answer: answer(201), tries: 3 });
  });

  test("waits at least as long as the service asks for", async () => {
    const { send } = sequence(answer(503, "overloaded", "7"), answer(201));
    const { patience, waits } = pretendPatience(60_000);
    await keepTrying(send, patience);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(7_000);
  });

  test("is given up when patience runs out, with the reason, and never waits beyond it", async () => {
    const { send, limits } = sequence(new NoAnswerError("ECONNREFUSED"));
    const { patience, waits } = pretendPatience(5_000);
    const effort = await keepTrying(send, patience);
    expect(effort).toEqual({ kind: "gave_up", reason: "ECONNREFUSED", tries: limits.length });
    expect(limits.length).toBeGreaterThan(3);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(5_000);
  });

  test("is given up at once when the service asks for more patience than there is", async () => {
    const { send } = sequence(answer(503, "database_unavailable", "120"));
    const { patience, waits } = pretendPatience(5_000);
    expect(await keepTrying(send, patience)).toEqual({
      kind: "gave_up",
      reason: "database_unavailable",
      tries: 1,
    });
    expect(waits).toEqual([]);
  });

  test("may take no longer than the patience that is left", async () => {
    const { send, limits } = sequence(new NoAnswerError("ECONNRESET"));
    await keepTrying(send, pretendPatience(3_000).patience);
    expect(limits[0]).toBe(3_000);
    for (const limitMs of limits) expect(limitMs).toBeLessThanOrEqual(3_000);
  });

  test("is not sent again once everybody is to give up", async () => {
    const giveUp = new AbortController();
    giveUp.abort();
    const { send } = sequence(new NoAnswerError("ECONNRESET"));
    const effort = await keepTrying(send, pretendPatience(60_000, giveUp.signal).patience);
    expect(effort).toMatchObject({ kind: "gave_up", tries: 1 });
  });

  test("lets a defect of this program through", async () => {
    const send = () => Promise.reject(new TypeError("defect"));
    await expect(keepTrying(send, pretendPatience(60_000).patience)).rejects.toThrow("defect");
  });
});

describe("the wait before the next try", () => {
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test("is never shorter than asked for, and at most 2 s longer", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), fc.nat(100_000), share, (tries, askedMs, chance) => {
        const waitMs = backOffMs(tries, askedMs, () => chance);
        expect(waitMs).toBeGreaterThan(askedMs);
        expect(waitMs).toBeLessThanOrEqual(askedMs + 2_000);
      }),
    );
  });

  test("does not grow shorter from try to try, and differs from buyer to buyer", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), share, (tries, chance) => {
        const at = (count: number, random: number) => backOffMs(count, 0, () => random);
        expect(at(tries + 1, chance)).toBeGreaterThanOrEqual(at(tries, chance));
        expect(at(tries, 0.9)).toBeGreaterThan(at(tries, 0.1));
      }),
    );
  });
});

test("every status below 500 is definite but those that ask for the same again", () => {
  const indefinite = Array.from({ length: 500 }, (_, index) => index + 100).filter(
    (status) => !isDefinite(answer(status)),
  );
  expect(indefinite).toEqual([408, 429, ...Array.from({ length: 100 }, (_, index) => index + 500)]);
});
