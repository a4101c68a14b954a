import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { judgeRun } from "../../chaos/model/judge-run.ts";
import { BrokenRun } from "./broken-run.ts";
import { corruptions } from "./corrupt-run.ts";
import { deeds, playRun } from "./draw-run.ts";

const options = { plan: [] };

test("whatever a correct service is asked, however its answers are lost, it breaks no promise", async () => {
  const property = fc.asyncProperty(deeds, async (played) => {
    const { entries, books } = playRun(played);
    const judged = await judgeRun({ entries, books, options });
    expect(judged.breaches.map(({ invariant, message }) => `${invariant}: ${message}`)).toEqual([]);
  });
  await fc.assert(property, { numRuns: 300 });
});

describe("whatever a service is asked, it is noticed when", () => {
  // What is disturbed is excused for being late, and so is what happened while a clock was set: other tests' matters.
  const undisturbed = deeds.map((played) =>
    played.filter(({ f }) => f !== "worker_kill" && f !== "set_clock"),
  );

  it.each(corruptions)("$name", async ({ promise, spoil }) => {
    const property = fc.asyncProperty(undisturbed, fc.nat(), async (played, which) => {
      const run = new BrokenRun(playRun(played));
      fc.pre(spoil(run, which));
      const { counts } = await judgeRun({ entries: run.entries, books: run.books, options });
      expect(counts).toMatchObject({ [promise]: expect.toSatisfy((count: number) => count > 0) as number });
    });
    await fc.assert(property, { numRuns: 40, maxSkipsPerRun: 1_000, interruptAfterTimeLimit: 15_000 });
  });
});
