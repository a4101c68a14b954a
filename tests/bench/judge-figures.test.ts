import { expect, test } from "vitest";
import { judge, percentile } from "../../bench/cluster/figures.ts";

const shared = { name: "replacement", what: "milliseconds", unit: "ms", goal: { atMost: 1_000 } } as const;

test("the 99th percentile of few samples is the worst of them, and of many leaves out one in a hundred", () => {
  const fifty = Array.from({ length: 50 }, (_, index) => index + 1);
  expect(percentile(fifty, 0.99)).toBe(50);
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(hundred, 0.99)).toBe(99);
});

test("a figure at its goal meets it, and one sample of fifty beyond it misses a goal for the 99th percentile", () => {
  const quick = Array.from({ length: 49 }, () => 400);
  expect(judge(shared, [...quick, 1_000], "p99")).toMatchObject({ value: 1_000, met: true });
  expect(judge(shared, [...quick, 1_001], "p99")).toMatchObject({ value: 1_001, met: false });
  expect(judge({ ...shared, goal: { atLeast: 0.97 } }, [0.9, 0.97, 1], "median")).toMatchObject({
    met: true,
  });
});

test("what could not be measured, or never came, misses its goal", () => {
  expect(judge(shared, [], "p99").met).toBe(false);
  expect(judge(shared, [400, Number.POSITIVE_INFINITY], "worst").met).toBe(false);
});
