import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatSummary } from "../../demo/format-summary.ts";
import { percentilesOf } from "../../demo/percentiles.ts";
import { showProgress } from "../../demo/show-progress.ts";
import type { Summary } from "../../demo/summarise-sale.ts";
import { controlCharactersOf } from "./run-demo.ts";

const latency = { p50: 1.25, p95: 9.5, p99: 31, max: 1204 };
const nothing = { p50: null, p95: null, p99: null, max: null };
const summary: Summary = {
  verdict: "exact",
  complaints: [],
  event: { id: "event", name: "Gala", hold_seconds: 5 },
  stock: { capacity: 1000, sold: 900, held: 60, free: 40 },
  seed: 7,
  stopped: false,
  duration_seconds: 20.1,
  buyers: { planned: 5000, arrived: 5000, rate_per_second: 250, delayed: 0, delay_ms_max: 0 },
  holds: { held: 1100, ended_unpaid: 140, refused: { all_held: 3400, sold_out: 500 }, unknown: 0 },
  confirms: { confirmed: 900, refused: {}, unknown: 0 },
  retries: { buyers: 0, requests: 0 },
  latency_ms: { hold: latency, confirm: latency },
  workers: { min: 1, max: 3 },
  killed_worker: null,
  kill_refused: null,
  other_reservations: 0,
};
const marks = { good: (text: string) => `good${text}`, bad: (text: string) => `bad${text}` };
const shown = (change: Partial<Summary>) => formatSummary({ ...summary, ...change }, marks);

describe("the result for people", () => {
  test("ends with the sum and a tick", () => {
    const text = shown({});
    expect(text.trimEnd().split("\n").at(-1)).toBe("Sold 900 + Held 60 + Free 40 = Capacity 1000 good✓");
    expect(text).toContain("all_held 3,400, sold_out 500");
    expect(text).toContain("140 ended unpaid");
    expect(text).toContain("p50 1.3 ms, p95 9.5 ms, p99 31 ms, slowest 1,204 ms");
    expect(text).toContain("1 at least, 3 at most");
    expect(text).not.toContain("Delayed");
  });

  test("ends with a cross, after what was broken, and not with a thousand lines", () => {
    const complaints = Array.from({ length: 1_000 }, (_, index) => `Broken ${index}.`);
    const lines = shown({ verdict: "broken", complaints }).trimEnd().split("\n");
    expect(lines.at(-1)).toBe("Sold 900 + Held 60 + Free 40 = Capacity 1000 bad✗");
    expect(lines).toContain("bad✗ Broken 9.");
    expect(lines).not.toContain("bad✗ Broken 10.");
    expect(lines).toContain("bad✗ and 990 more.");
  });

  test("has no sum and no tick when nothing could be compared", () => {
    const text = shown({ verdict: "unchecked", stock: null, other_reservations: null });
    expect(text).not.toMatch(/✓|Sold \d/);
    expect(text).toContain("does not answer any more");
  });

  test("tells what was unusual: a stop, a delay, a killed worker, buyers from elsewhere", () => {
    const text = shown({
      stopped: true,
      buyers: { ...summary.buyers, arrived: 1200, delayed: 34, delay_ms_max: 2500 },
      workers: { min: 2, max: 2 },
      killed_worker: { id: 4, pid: 4711 },
      other_reservations: 3,
    });
    expect(text).toContain("1,200 buyers of 5,000, stopped early");
    expect(text).toMatch(/Delayed +34 .*2,500 ms at most/);
    expect(text).toContain("2 throughout; worker 4 killed (process 4711)");
    expect(text).toContain("3 reservations are of buyers who were not sent from here.");
  });

  test("leaves out what was not measured", () => {
    const text = shown({ latency_ms: { hold: nothing, confirm: nothing }, workers: null });
    expect(text).not.toMatch(/answered in|Workers|null/);
  });
});

describe("percentiles", () => {
  test("are values that were measured, in order, whatever the order of measuring", () => {
    const values = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, (given) => {
        const { p50, p95, p99, max } = percentilesOf(given);
        const sorted = given.toSorted((one, other) => one - other);
        expect([p50, p95, p99, max]).toEqual(
          [50, 95, 99, 100].map((share) => sorted[Math.ceil((given.length * share) / 100) - 1]),
        );
      }),
    );
  });

  test("of nothing are nothing", () => {
    expect(percentilesOf([])).toEqual(nothing);
  });
});

describe("progress", () => {
  const state = (done: number) => ({ done, held: done, confirmed: 1, refused: 0 });

  function watch(isTTY: boolean, term = "xterm") {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 100 });
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    const progress = showProgress(stream, 200, { TERM: term });
    return { progress, text: () => Buffer.concat(chunks).toString("utf8") };
  }

  test.each([
    ["in a file", false, "xterm"],
    ["on a terminal that cannot redraw", true, "dumb"],
  ])("is a plain line at each tenth %s", (_where, isTTY, term) => {
    const { progress, text } = watch(isTTY, term);
    for (let done = 0; done <= 200; done += 1) progress.update(state(done));
    progress.update(state(200));
    progress.stop();
    const lines = text().trimEnd().split("\n");
    expect(lines.map((line) => line.split(" | ")[0])).toEqual(
      [10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((percent) => `${percent} %`),
    );
    expect(lines[4]).toBe("50 % | 100/200 buyers | held 100, confirmed 1, refused 0");
    expect(controlCharactersOf(text())).toEqual([]);
  });

  test("is a bar with the time that is left on a terminal, without colours", () => {
    const { progress, text } = watch(true);
    progress.update(state(100));
    progress.say("Something happened.");
    progress.stop();
    progress.say("Something else happened.");
    expect(text()).toMatch(/█+░+ 50 % \| ETA .* \| 100\/200 buyers/);
    expect(text()).toContain("Something happened.\n");
    expect(text()).not.toMatch(/\[\d+(?:;\d+)*m/);
    // The last thing told to the terminal is to show the cursor again.
    expect(text().lastIndexOf("[?25h")).toBeGreaterThan(text().lastIndexOf("[?25l"));
  });
});
