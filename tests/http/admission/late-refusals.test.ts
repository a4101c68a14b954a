import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { LateRefusals } from "../../../api/http/admission/late-refusals.ts";

/** A line of refusals on a clock of its own, and which of them were sent. */
function openLine(limits: { refusalsPerSecond: number; refusalHeldMaxMs: number }) {
  const startMs = performance.now();
  const line = new LateRefusals(limits);
  const sent: number[] = [];
  const add = (number: number) =>
    line.add({
      request: {} as IncomingMessage,
      response: {} as ServerResponse,
      sinceMs: startMs,
      send: () => sent.push(number),
    });
  return { line, sent, add, release: (afterMs: number) => line.release(startMs + afterMs) };
}

test("few refusals are sent at once", () => {
  const { line, sent, add, release } = openLine({ refusalsPerSecond: 1_000, refusalHeldMaxMs: 1_000 });
  release(20);
  for (let number = 0; number < 10; number += 1) add(number);
  expect(sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(line.size).toBe(0);
});

test("many wait their turn, in order, and go evenly", () => {
  const { line, sent, add, release } = openLine({ refusalsPerSecond: 1_000, refusalHeldMaxMs: 1_000 });
  for (let number = 0; number < 10_000; number += 1) add(number);
  expect(sent).toHaveLength(0);
  release(20);
  // A long line goes at the pace at which all of it is told in time, not at that of the few.
  expect(sent.length).toBeGreaterThan(20);
  expect(sent.length).toBeLessThan(1_000);
  for (let afterMs = 40; afterMs <= 4_000; afterMs += 20) release(afterMs);
  expect(line.size).toBe(0);
  expect(sent).toEqual(Array.from({ length: 10_000 }, (_, number) => number));
});

test("what was not needed is not saved up", () => {
  const { line, add, release } = openLine({ refusalsPerSecond: 1_000, refusalHeldMaxMs: 1_000 });
  for (let afterMs = 20; afterMs <= 2_000; afterMs += 20) release(afterMs);
  for (let number = 0; number < 100; number += 1) add(number);
  expect(line.size).toBeGreaterThan(50);
});

test("none is left behind when the door is taken away", () => {
  const { line, sent, add } = openLine({ refusalsPerSecond: 1, refusalHeldMaxMs: 60_000 });
  for (let number = 0; number < 100; number += 1) add(number);
  line.releaseAll();
  expect(sent).toHaveLength(100);
  add(100);
  expect(sent).toHaveLength(101);
});
