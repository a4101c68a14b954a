import { describe, expect, it } from "vitest";
import { parseRange } from "../../dashboard/features/overview/ranges.ts";
import { describeCause, toSteps } from "../../dashboard/features/reservations/steps.ts";
import { toChartData } from "../../dashboard/shared/charts/chart-data.ts";
import { describeChart, toTableRows } from "../../dashboard/shared/charts/describe-chart.ts";
import { lookOf, marksWithin, toChartMarks } from "../../dashboard/shared/charts/marks.ts";
import { chooseTimeTicks } from "../../dashboard/shared/charts/time-axis.ts";
import { chooseTop, chooseTopBytes, chooseValueTicks } from "../../dashboard/shared/charts/value-axis.ts";
import { formatMeasure } from "../../dashboard/shared/format/numbers.ts";
import { formatSeconds } from "../../dashboard/shared/format/times.ts";
import { makeBusySeries } from "./fixtures/busy-series.ts";

const minuteMs = 60_000;
const nowMs = Math.floor(Date.now() / 5_000) * 5_000;
const lines = [
  { figure: "p50_ms", label: "p50", color: 1 },
  { figure: "p99_ms", label: "p99", color: 2 },
] as const;
const latency = { title: "Latency", unit: "ms", lines, format: formatMeasure };

/** A series of three steps of 5 s, with a mark in the second. */
function makeShortData() {
  const { points } = makeBusySeries(nowMs)(15);
  const [first, second, third] = points.slice(-3);
  if (first === undefined || second === undefined || third === undefined) throw new Error("Too few points.");
  const marks = [{ at: second.at, kind: "crashed" as const, text: "Worker 3 crashed" }];
  const missing = { ...third, p50_ms: null, p99_ms: null };
  return toChartData(
    {
      step_seconds: 5,
      points: [{ ...first, p50_ms: 4, p99_ms: 40 }, { ...second, p50_ms: 5, p99_ms: 1200 }, missing],
      marks,
    },
    15,
    nowMs,
  );
}

describe("a chart's axes", () => {
  it("name moments that wander with the lines instead of jumping", () => {
    const ticksAt = (toMs: number) => chooseTimeTicks({ fromMs: toMs - 15 * minuteMs, toMs }, 15, true);
    const before = ticksAt(nowMs);
    const after = ticksAt(nowMs + 5_000);
    expect(before.length).toBeGreaterThanOrEqual(4);
    expect(after.filter((tick) => before.includes(tick)).length).toBeGreaterThanOrEqual(before.length - 1);
    expect(before.every((tick) => new Date(tick).getSeconds() === 0)).toBe(true);
  });

  it("name full hours of local time over 6 hours", () => {
    const ticks = chooseTimeTicks({ fromMs: nowMs - 360 * minuteMs, toMs: nowMs }, 360, true);
    expect(ticks.every((tick) => new Date(tick).getMinutes() === 0)).toBe(true);
  });

  it.each([
    [0, 10, 10],
    [96, 10, 200],
    [2_490, 10, 4_000],
    [0, 0, 1],
    [7.2, 1, 8],
  ])("end above %s (at least %s) at the round %s", (highest, least, top) => {
    expect(chooseTop(highest, least)).toBe(top);
  });

  it("shrink only when the lines have become small", () => {
    expect(chooseTop(1_700, 10, 4_000)).toBe(4_000);
    expect(chooseTop(1_500, 10, 4_000)).toBe(2_000);
  });

  it("of bytes end at round mebibytes", () => {
    expect(chooseTopBytes(652 * 2 ** 20, 0)).toBe(800 * 2 ** 20);
  });

  it("have round values in between", () => {
    expect(chooseValueTicks(4_000, true)).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
    expect(chooseValueTicks(500, true)).toEqual([0, 100, 200, 300, 400, 500]);
    expect(chooseValueTicks(6, false)).toEqual([0, 3, 6]);
  });

  it.each([
    ["", 15],
    ["360", 360],
    ["7", 15],
    ["nonsense", 15],
  ])("cover the range that the address %s names", (text, minutes) => {
    expect(parseRange(text)).toBe(minutes);
  });
});

describe("a chart in words", () => {
  it("tells the figures, the highest, and what is marked", () => {
    const { rows, marks } = makeShortData();
    const words = describeChart(latency, rows, marks);
    expect(words).toContain("Latency, ms. Now: p50 not measured, p99 not measured. Highest: 1,200.");
    expect(words).toContain("Worker 3 crashed");
  });

  it("says that nothing was measured where nothing was", () => {
    expect(describeChart(latency, [], [])).toBe("Latency, ms: nothing measured yet.");
  });

  it("is a table, newest first, with what happened in the step where it happened", () => {
    const { rows, marks, stepMs } = makeShortData();
    const table = toTableRows(latency, rows, marks, stepMs);
    expect(table.map(({ values, marks: told }) => [...values, ...told])).toEqual([
      ["–", "–"],
      ["5.0", "1,200", "Worker 3 crashed"],
      ["4.0", "40"],
    ]);
    expect(table.map(({ timeMs }) => formatSeconds(timeMs))).toEqual(
      rows.map(({ timeMs }) => formatSeconds(timeMs)).toReversed(),
    );
  });
});

describe("marks", () => {
  it("outside of the range are left out, and of too many the newest are drawn", () => {
    const at = (secondsAgo: number) => new Date(nowMs - secondsAgo * 1000).toISOString();
    const all = Array.from({ length: 60 }, (_, index) => ({
      at: at(600 - index),
      kind: "scaled" as const,
      text: `Scaled ${index}`,
    }));
    const old = { at: at(20 * 60), kind: "started" as const, text: "Started" };
    const domain = { fromMs: nowMs - 15 * minuteMs, toMs: nowMs };
    const drawn = marksWithin(toChartMarks([old, ...all]), domain);
    expect(drawn).toHaveLength(40);
    expect(drawn.at(-1)?.text).toBe("Scaled 59");
    expect(drawn.some(({ text }) => text === "Started")).toBe(false);
  });

  it("differ by shape and word, not by colour alone", () => {
    expect(lookOf("paused").shape).not.toBe(lookOf("crashed").shape);
    expect(lookOf("novel" as "paused").word).toBe("novel");
  });
});

describe("a reservation's steps", () => {
  it("tell how long after the one before each came", () => {
    const at = (seconds: number) => new Date(nowMs + seconds * 1000).toISOString();
    const steps = toSteps([
      { status: "held", at: at(0), cause: "requested" },
      { status: "confirmed", at: at(252), cause: "confirmed" },
    ]);
    expect(steps.map(({ later }) => later)).toEqual([null, "4 min 12 s later"]);
  });

  it.each([
    ["deadline_passed", "Nobody confirmed it before its deadline."],
    ["moved_by_hand", "Moved by hand."],
    ["", ""],
  ])("with cause %s read %s", (cause, sentence) => {
    expect(describeCause(cause)).toBe(sentence);
  });
});
