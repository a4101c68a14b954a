import { describe, expect, it, test } from "vitest";
import { judgeRun } from "../../chaos/model/judge-run.ts";
import type { Invariant } from "../../chaos/model/verdict.ts";
import { verdictOf } from "../../chaos/model/verdict.ts";
import { BrokenRun } from "./broken-run.ts";
import { waysToBeLate, waysToRefuse, waysToRepeat } from "./more-ways-to-break.ts";
import { tellSoundRun } from "./sound-run.ts";
import { type Way, waysToBreakStock, waysToLose, waysToSurprise } from "./ways-to-break.ts";

const sound = tellSoundRun();
const options = { plan: ["worker_kill"] } as const;

test("a run that keeps every promise has no breach, and says something", async () => {
  const { entries, books } = sound;
  const judged = await judgeRun({ entries, books, options });
  expect(judged.breaches).toEqual([]);
  expect(judged.vacuous).toEqual([]);
  expect(verdictOf(judged)).toBe("pass");
});

describe("a broken promise is noticed", () => {
  const ways = [
    ...waysToLose,
    ...waysToSurprise,
    ...waysToBreakStock,
    ...waysToRepeat,
    ...waysToRefuse,
    ...waysToBeLate,
  ];
  const told = Object.groupBy(ways, ({ promise }) => promise) as Record<Invariant, readonly Way[]>;
  describe.each(Object.entries(told))("%s", (promise, ofPromise) => {
    it.each(ofPromise)("$way", async ({ spoil }) => {
      const run = new BrokenRun(sound);
      spoil(run);
      const judged = await judgeRun({ entries: run.entries, books: run.books, options });
      expect(judged.breaches.map(({ invariant }) => invariant)).toContain(promise);
      expect(judged.counts[promise as Invariant]).toBeGreaterThan(0);
      expect(verdictOf(judged)).toBe("broken");
    });
  });
});
