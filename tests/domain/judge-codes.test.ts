import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  attemptsLeftOf,
  decideAttempt,
  type GuessMatch,
  sendingLimits,
  statusOfVerification,
  type Verification,
  waitForNextCode,
} from "../../api/domain/verification.ts";

const createdAtMs = 1_000_000;
const fresh = (attemptsMax = 3): Verification => ({
  id: "a",
  status: "pending",
  wrongAttemptsAtMs: [],
  attemptsMax,
  createdAtMs,
  expiresAtMs: createdAtMs + 120_000,
});

const match = fc.constantFrom<GuessMatch>("current", "earlier", "none");
const attempts = fc.array(fc.record({ match, afterMs: fc.nat({ max: 60_000 }) }), { maxLength: 30 });

/** Tries one after the other. @returns each result, with the verification after it */
function tryAll(begun: Verification, tried: readonly { match: GuessMatch; afterMs: number }[]) {
  let verification = begun;
  let nowMs = createdAtMs;
  return tried.map(({ match: its, afterMs }) => {
    nowMs += afterMs;
    const before = verification;
    const decision = decideAttempt(verification, its, nowMs);
    verification = decision.verification;
    return { ...decision, before, match: its, nowMs };
  });
}

describe("whatever is tried, and when", () => {
  test("no more wrong codes are looked at than are allowed, and a wrong one is never right", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), attempts, (attemptsMax, tried) => {
        const decisions = tryAll(fresh(attemptsMax), tried);
        const counted = decisions.filter(({ before, verification }) => before !== verification);
        expect(counted.filter(({ result }) => result !== "verified").length).toBeLessThanOrEqual(attemptsMax);
        for (const { result, match: its, verification } of decisions) {
          expect(attemptsLeftOf(verification)).toBeGreaterThanOrEqual(0);
          expect([result, its]).not.toEqual(["verified", "earlier"]);
          expect([result, its]).not.toEqual(["verified", "none"]);
        }
      }),
    );
  });

  test("a code is right once at most, only before its deadline, and never after the attempts are used up", () => {
    fc.assert(
      fc.property(attempts, (tried) => {
        const decisions = tryAll(fresh(), tried);
        const right = decisions.filter(({ result }) => result === "verified");
        expect(right.length).toBeLessThanOrEqual(1);
        for (const { nowMs, before } of right) {
          expect(nowMs).toBeLessThan(before.expiresAtMs);
          expect(attemptsLeftOf(before)).toBeGreaterThan(0);
        }
      }),
    );
  });

  test("what is exhausted says so for ever, and what has ended changes no more", () => {
    fc.assert(
      fc.property(attempts, (tried) => {
        for (const { before, verification, result, nowMs } of tryAll(fresh(), tried)) {
          if (statusOfVerification(before, nowMs) === "pending") continue;
          expect(verification).toBe(before);
          expect(result).toBe(before.status === "exhausted" ? "max_attempts_reached" : "expired");
        }
      }),
    );
  });

  test("the row that is written is one that the database takes", () => {
    fc.assert(
      fc.property(attempts, (tried) => {
        for (const { verification } of tryAll(fresh(), tried)) {
          const isUsedUp = attemptsLeftOf(verification) === 0;
          expect(isUsedUp).toBe(verification.status === "exhausted");
        }
      }),
    );
  });
});

describe("one attempt", () => {
  test("that uses up the last try says so itself", () => {
    const results = tryAll(
      fresh(),
      Array.from({ length: 4 }, () => ({ match: "none" as const, afterMs: 1 })),
    ).map(({ result }) => result);
    expect(results).toEqual(["incorrect", "incorrect", "max_attempts_reached", "max_attempts_reached"]);
  });

  test("at the very deadline is too late, and a moment before is not", () => {
    const { expiresAtMs } = fresh();
    expect(decideAttempt(fresh(), "current", expiresAtMs - 1).result).toBe("verified");
    expect(decideAttempt(fresh(), "current", expiresAtMs).result).toBe("expired");
  });

  test("finds used up before late, and late before right", () => {
    const used: Verification = { ...fresh(1), status: "exhausted", wrongAttemptsAtMs: [createdAtMs] };
    expect(decideAttempt(used, "current", used.expiresAtMs + 1).result).toBe("max_attempts_reached");
    expect(decideAttempt(fresh(), "none", fresh().expiresAtMs)).toEqual({
      result: "expired",
      verification: fresh(),
    });
    expect(decideAttempt({ ...fresh(), status: "superseded" }, "current", createdAtMs).result).toBe(
      "expired",
    );
    expect(decideAttempt({ ...fresh(), status: "verified" }, "current", createdAtMs).result).toBe("expired");
  });

  test("with a code whose place another has taken costs nothing", () => {
    expect(decideAttempt(fresh(), "earlier", createdAtMs)).toEqual({
      result: "expired",
      verification: fresh(),
    });
  });
});

describe("another code", () => {
  const { pauseMs, codesPerPhoneMax, windowMs } = sendingLimits;

  test("may be sent after a pause, and so many times in a window", () => {
    const nowMs = 10_000_000;
    expect(waitForNextCode({ customerAtMs: null, phoneAtMs: [] }, nowMs)).toBe(0);
    expect(waitForNextCode({ customerAtMs: nowMs - 1, phoneAtMs: [nowMs - 1] }, nowMs)).toBe(pauseMs - 1);
    expect(waitForNextCode({ customerAtMs: nowMs - pauseMs, phoneAtMs: [] }, nowMs)).toBe(0);
    const recent = Array.from({ length: codesPerPhoneMax }, (_, index) => nowMs - 100_000 * (index + 1));
    expect(waitForNextCode({ customerAtMs: null, phoneAtMs: recent }, nowMs)).toBe(
      windowMs - 100_000 * codesPerPhoneMax,
    );
    expect(waitForNextCode({ customerAtMs: null, phoneAtMs: recent.slice(1) }, nowMs)).toBe(0);
  });

  test("is never sent more often than that, however patiently it is asked for", () => {
    const asks = fc.array(fc.nat({ max: windowMs / 3 }), { maxLength: 60 });
    fc.assert(
      fc.property(asks, (pauses) => {
        const sentAtMs: number[] = [];
        let nowMs = 10_000_000;
        for (const pause of pauses) {
          nowMs += pause;
          const state = { customerAtMs: sentAtMs[0] ?? null, phoneAtMs: sentAtMs.slice(0, codesPerPhoneMax) };
          if (waitForNextCode(state, nowMs) === 0) sentAtMs.unshift(nowMs);
        }
        for (const [index, atMs] of sentAtMs.entries()) {
          const inWindow = sentAtMs.slice(index).filter((earlier) => earlier > atMs - windowMs);
          expect(inWindow.length).toBeLessThanOrEqual(codesPerPhoneMax);
        }
      }),
    );
  });
});
