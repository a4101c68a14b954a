import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seriesReply } from "../../api/contract/dashboard.ts";
import { buildSeries } from "../../api/operations/build-series.ts";
import { measureBurnRates } from "../../api/operations/burn-rate.ts";
import { latencyBounds } from "../../api/operations/count-answers.ts";
import { MarkLog } from "../../api/operations/mark-log.ts";
import { measurePercentile } from "../../api/operations/measure-percentile.ts";
import {
  historyColumns,
  historySeconds,
  SecondHistory,
  type SecondSample,
} from "../../api/operations/second-history.ts";

const nothing = Object.fromEntries(historyColumns.map((name) => [name, null])) as SecondSample;
const bucketCount = latencyBounds.length + 1;
const noLatencies = Array.from({ length: bucketCount }, () => 0);
const sample = (change: Partial<SecondSample>): SecondSample => ({ ...nothing, workers: 1, ...change });

describe("the history", () => {
  test("is what a plain list of the last six hours would be", () => {
    const step = fc.record({
      gap: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }) },
        fc.integer({ min: 1, max: 2 * historySeconds }),
      ),
      value: fc.option(fc.nat(1_000), { nil: null }),
      bucket: fc.nat(2),
    });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 40 }),
        fc.nat(600),
        fc.nat(20),
        (steps, seconds, back) => {
          const history = new SecondHistory(3);
          const plain: { second: number; value: number | null; bucket: number }[] = [];
          let second = 1_000_000;
          for (const { gap, value, bucket } of steps) {
            second += gap;
            history.write(
              second,
              { ...nothing, requests: value },
              [0, 1, 2].map((each) => (each === bucket ? 1 : 0)),
            );
            plain.push({ second, value, bucket });
          }
          const end = second - back;
          const kept = plain.filter(
            (each) =>
              each.second > second - historySeconds && each.second <= end && each.second > end - seconds,
          );
          const known = kept.flatMap(({ value }) => value ?? []);
          const sum = known.reduce((total, value) => total + value, 0);
          expect(history.sum("requests", end, seconds)).toBe(sum);
          expect(history.mean("requests", end, seconds)).toEqual(
            known.length === 0 ? null : sum / known.length,
          );
          expect(history.max("requests", end, seconds)).toEqual(
            known.length === 0 ? null : Math.max(...known),
          );
          expect(history.last("requests", end, seconds)).toEqual(known.at(-1) ?? null);
          const buckets = [0, 1, 2].map((each) => kept.filter(({ bucket }) => bucket === each).length);
          expect(history.latencies(end, seconds)).toEqual(buckets);
        },
      ),
      { numRuns: 30 },
    );
  });
});

test("a second six hours ago does not come back in the slot that it leaves behind", () => {
  const history = new SecondHistory(2);
  history.write(1_000, { ...nothing, requests: 7 }, [1, 2]);
  // The next samples leave out the second whose place is that of the first one.
  history.write(1_000 + historySeconds - 1, nothing, [0, 0]);
  history.write(1_000 + historySeconds + 1, nothing, [0, 0]);
  const end = 1_000 + historySeconds + 1;
  expect(history.sum("requests", end, historySeconds)).toBe(0);
  expect(history.latencies(end, historySeconds)).toEqual([0, 0]);
});

describe("a percentile", () => {
  test("is interpolated inside its bucket, and never lies outside of it", () => {
    expect(measurePercentile([0, 10, 0], [1, 2], 0.5)).toBe(1.5);
    expect(measurePercentile([10, 10, 0], [1, 2], 0.25)).toBe(0.5);
    expect(measurePercentile([0, 0, 5], [1, 2], 0.5)).toBe(2);
    expect(measurePercentile([0, 0, 0], [1, 2], 0.5)).toBeNull();
  });

  test("rises with its share", () => {
    const counts = fc.array(fc.nat(50), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const low = measurePercentile(given, [1, 2, 4], share / 2);
        const high = measurePercentile(given, [1, 2, 4], share);
        expect((low ?? 0) <= (high ?? 0)).toBe(true);
      }),
    );
  });

  test("of a longer time is that of all answers, not a mean of percentiles", () => {
    const history = new SecondHistory(bucketCount);
    // 98 fast answers in one second, two slow ones in the next.
    history.write(119, sample({}), noLatencies.with(0, 98));
    history.write(120, sample({}), noLatencies.with(9, 2));
    const series = seriesReply.parse(buildSeries(history, new MarkLog(), 360));
    const { p50_ms, p99_ms } = series.points.at(-1) ?? {};
    expect(p50_ms).toBeLessThanOrEqual(1);
    // Half way into the bucket that has the last two.
    expect(p99_ms).toBeCloseTo(125, 6);
  });
});

describe("a series", () => {
  test.each([
    [5, 2],
    [15, 3],
    [60, 10],
    [360, 60],
  ])("of %i minutes has a point every %i s, with nulls where nothing is known", (minutes, step) => {
    const history = new SecondHistory(bucketCount);
    for (let second = 999_940; second <= 1_000_000; second += 1) {
      history.write(second, sample({ requests: 10, held: second === 1_000_000 ? null : 7 }), noLatencies);
    }
    const { points, step_seconds } = seriesReply.parse(buildSeries(history, new MarkLog(), minutes));
    expect(step_seconds).toBe(step);
    expect(points).toHaveLength((minutes * 60) / step);
    expect(points.length).toBeLessThanOrEqual(360);
    expect(points.at(-1)).toMatchObject({ rps: 10, held: 7, free: null, p50_ms: null });
    expect(points[0]).toMatchObject({ rps: null, workers: null, held: null });
    const instants = points.map(({ at }) => Date.parse(at));
    expect(new Set(instants.slice(1).map((at, index) => at - (instants[index] ?? 0)))).toEqual(
      new Set([step * 1_000]),
    );
  });

  test("brings the marks of its time, oldest first", () => {
    const marks = new MarkLog();
    marks.note("scaled", "now");
    marks.note("paused", "an hour ago", Date.now() - 3_600_000);
    marks.note("crashed", "a minute ago", Date.now() - 60_000);
    const texts = (minutes: number) =>
      buildSeries(new SecondHistory(bucketCount), marks, minutes).marks.map(({ text }) => text);
    expect(texts(15)).toEqual(["a minute ago", "now"]);
    expect(texts(360)).toEqual(["an hour ago", "a minute ago", "now"]);
  });
});

describe("the error budget", () => {
  const burnOf = (write: (history: SecondHistory) => void) => {
    const history = new SecondHistory(bucketCount);
    write(history);
    return measureBurnRates(history);
  };

  test("burns at the lower rate of the long and the short window", () => {
    const steady = burnOf((history) => {
      for (let second = 1; second <= historySeconds; second += 1)
        history.write(second, sample({ requests: 100, errors: 1 }), noLatencies);
    });
    expect(steady.fast).toBeCloseTo(10, 6);
    expect(steady.slow).toBeCloseTo(10, 6);
    // Errors that have stopped half an hour ago weigh on the long windows only.
    const over = burnOf((history) => {
      for (let second = 1; second <= 3_600; second += 1)
        history.write(second, sample({ requests: 100, errors: second < 1_700 ? 50 : 0 }), noLatencies);
    });
    expect(over).toEqual({ fast: 0, slow: 0 });
  });

  test("is not judged by a handful of errors", () => {
    const { fast } = burnOf((history) => history.write(1, sample({ requests: 9, errors: 9 }), noLatencies));
    expect(fast).toBe(0);
  });
});
