import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seriesReply } from "../../api/contract/dashboard.ts";
import { latencyBounds } from "../../api/operations/count-answers.ts";
import { layOutHistory, parseHistory, type SavedHistory } from "../../api/operations/history-file.ts";
import { HistoryKeeper } from "../../api/operations/keep-history.ts";
import { MarkLog } from "../../api/operations/mark-log.ts";
import { monotonicMs } from "../../api/operations/monotonic-clock.ts";
import {
  historyColumns,
  historySeconds,
  SecondHistory,
  type SecondSample,
} from "../../api/operations/second-history.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { openTestOperations } from "./open-test-operations.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-test-history-"));
});
afterAll(() => rm(folder, { recursive: true }));

const bucketCount = latencyBounds.length + 1;
const noLatencies = Array.from({ length: bucketCount }, () => 0);
const nothing = Object.fromEntries(historyColumns.map((name) => [name, null])) as SecondSample;
/** The second that would be written next. */
const currentSecond = () => Math.round(monotonicMs() / 1_000);

/** Everything that a history tells of some seconds. */
function tell(history: SecondHistory, seconds: readonly number[]) {
  return seconds.map((second) => ({
    figures: historyColumns.map((name) => history.last(name, second, 1)),
    latencies: history.latencies(second, 1),
  }));
}

function writeFileOf(saved: SavedHistory): Buffer {
  return gzipSync(Buffer.concat(layOutHistory(saved)), { level: 1 });
}

describe("a history that is saved and restored", () => {
  const figure = fc.option(fc.double({ noNaN: true }), { nil: null });
  const second = fc.record({
    gap: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 90 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: historySeconds }) },
    ),
    figures: fc.array(figure, { minLength: historyColumns.length, maxLength: historyColumns.length }),
    latencies: fc.array(fc.nat(2 ** 31), { minLength: bucketCount, maxLength: bucketCount }),
  });
  const mark = fc.record({
    at: fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((at) => at.toISOString()),
    kind: fc.constantFrom("scaled" as const, "crashed" as const),
    text: fc.string({ unit: "binary" }),
  });

  test("tells the same of every second, with every mark, wherever the clock of the next process begins", () => {
    const check = fc.property(
      fc.array(second, { minLength: 1, maxLength: 15 }),
      fc.array(mark, { maxLength: 5 }),
      fc.integer({ min: -500_000, max: 500_000 }),
      fc.nat(100),
      (written, marks, shift, pause) => {
        const before = new SecondHistory(bucketCount);
        let at = 1_000_000;
        const seconds = written.map(({ gap, figures, latencies }) => {
          at += gap;
          before.write(
            at,
            Object.fromEntries(
              historyColumns.map((name, column) => [name, figures[column] ?? null]),
            ) as SecondSample,
            latencies,
          );
          return at;
        });
        const saved = { savedAtMs: 1, newestSecond: at, marks, figures: before.copy() };
        const read = parseHistory(writeFileOf(saved));
        expect({ ...read, figures: null }).toEqual({ ...saved, figures: null });
        const after = new SecondHistory(bucketCount);
        const newest = at + shift;
        expect(after.restore(read.figures, { newest, now: newest + pause + 1 })).toBe(true);
        // What is older than six hours is forgotten, as it would have been without a restart.
        const kept = seconds.filter((each) => each > at + pause - historySeconds);
        const shifted = kept.map((each) => each + shift);
        expect(tell(after, shifted)).toEqual(tell(before, kept));
        expect(after.last("workers", newest + pause, pause)).toBeNull();
        expect(after.latencies(newest + pause, pause)).toEqual(noLatencies);
        expect(after.newest).toBe(newest + pause);
        const atOnce = new SecondHistory(bucketCount);
        atOnce.restore(read.figures, { newest, now: newest + 1 });
        expect(atOnce.copy().equals(before.copy())).toBe(true);
      },
    );
    fc.assert(check, { numRuns: 25 });
  });

  test("has nothing left of what is more than six hours ago", () => {
    const before = new SecondHistory(bucketCount);
    before.write(50_000, { ...nothing, workers: 1 }, noLatencies.with(0, 1));
    const after = new SecondHistory(bucketCount);
    after.restore(before.copy(), { newest: 50_000, now: 50_001 + historySeconds });
    const end = 50_000 + historySeconds;
    expect(after.last("workers", end, historySeconds)).toBeNull();
    expect(after.latencies(end, historySeconds)).toEqual(noLatencies);
  });

  test("leaves out a second that is still to come, which must not return as one of six hours ago", () => {
    const before = new SecondHistory(bucketCount);
    before.write(50_000, { ...nothing, workers: 1 }, noLatencies);
    before.write(50_001, { ...nothing, workers: 2 }, noLatencies.with(0, 1));
    const after = new SecondHistory(bucketCount);
    after.restore(before.copy(), { newest: 50_001, now: 50_001 });
    expect(after.newest).toBe(50_000);
    expect(after.max("workers", 50_001, historySeconds)).toBe(1);
    expect(after.latencies(50_001, historySeconds)).toEqual(noLatencies);
    after.write(50_001, { ...nothing, workers: 3 }, noLatencies);
    expect(after.last("workers", 50_001, 1)).toBe(3);
  });

  test("is never written over what has been measured", () => {
    const history = new SecondHistory(bucketCount);
    history.write(5, nothing, noLatencies);
    expect(() => history.restore(history.copy(), { newest: 5, now: 6 })).toThrow("restored over");
  });
});

describe("the keeper", () => {
  /** A keeper as the next process has it. */
  function openKeeper(file: string) {
    const history = new SecondHistory(bucketCount);
    const marks = new MarkLog();
    const troubles: string[] = [];
    const onTrouble = (message: string) => troubles.push(message);
    const keeper = new HistoryKeeper(file, { history, marks, onTrouble });
    return { history, marks, troubles, keeper, kinds: () => marks.since(0).map(({ kind }) => kind) };
  }

  /** What a process saved that measured one second a minute ago. */
  function sampleSaved(): SavedHistory {
    const history = new SecondHistory(bucketCount);
    const newest = Math.round(Date.now() / 1_000) - 60;
    history.write(newest, { ...nothing, workers: 3 }, noLatencies);
    const marks = [{ at: new Date().toISOString(), kind: "scaled" as const, text: "1 to 3 workers" }];
    return { savedAtMs: Date.now(), newestSecond: newest, marks, figures: history.copy() };
  }

  test("takes back at the next start what it saved at the end, and nothing that the database tells again", async () => {
    const file = join(folder, "kept.gz");
    const first = openKeeper(file);
    first.keeper.restore();
    first.history.write(currentSecond() - 1, { ...nothing, workers: 4 }, noLatencies);
    first.keeper.start();
    for (const kind of ["scaled", "paused", "resumed", "crashed"] as const) first.marks.note(kind, "a");
    await first.keeper.stop();
    const second = openKeeper(file);
    second.keeper.restore();
    expect(second.history.last("workers", currentSecond(), 60)).toBe(4);
    expect(second.kinds()).toEqual(["scaled", "crashed"]);
    expect([...first.troubles, ...second.troubles]).toEqual([]);
    // No draft is left behind.
    expect((await readdir(folder)).filter((name) => name.startsWith("kept"))).toEqual(["kept.gz"]);
  });

  test.each<[what: string, spoil: (saved: SavedHistory) => Buffer]>([
    ["is empty", () => Buffer.alloc(0)],
    ["is no archive", () => Buffer.from("{}")],
    ["was cut off", (saved) => writeFileOf(saved).subarray(0, -100)],
    [
      "has a byte that is not what was written",
      (saved) => {
        const bytes = writeFileOf(saved);
        const middle = bytes.length >> 1;
        return bytes.fill(~(bytes[middle] ?? 0), middle, middle + 1);
      },
    ],
    ["has no header", () => gzipSync(Buffer.alloc(1_000, 255))],
    [
      "was written by another version",
      (saved) => {
        const text = gunzipSync(writeFileOf(saved)).toString("latin1");
        return gzipSync(
          Buffer.from(text.replace(String.raw`\"version\":1`, String.raw`\"version\":2`), "latin1"),
        );
      },
    ],
    ["has fewer figures", (saved) => writeFileOf({ ...saved, figures: saved.figures.subarray(8) })],
    ["has more figures than fit", (saved) => writeFileOf({ ...saved, figures: Buffer.alloc(20_000_000) })],
    ["was saved in the future", (saved) => writeFileOf({ ...saved, savedAtMs: Date.now() + 60_000 })],
  ])("ignores a file that %s, says so, and replaces it", async (what, spoil) => {
    const file = join(folder, `${what}.gz`);
    await writeFile(file, spoil(sampleSaved()));
    const { keeper, history, kinds, troubles } = openKeeper(file);
    keeper.restore();
    expect({ newest: history.newest, kinds: kinds() }).toEqual({ newest: null, kinds: [] });
    expect(troubles).toEqual([expect.stringContaining("begin anew")]);
    history.write(currentSecond() - 1, { ...nothing, workers: 2 }, noLatencies);
    keeper.start();
    await keeper.stop();
    const next = openKeeper(file);
    next.keeper.restore();
    expect(next.history.last("workers", currentSecond(), 60)).toBe(2);
    expect(next.troubles).toEqual([]);
  });

  test("takes back what is not spoilt", async () => {
    const file = join(folder, "sound.gz");
    await writeFile(file, writeFileOf(sampleSaved()));
    const { keeper, history, kinds, troubles } = openKeeper(file);
    keeper.restore();
    expect(history.last("workers", currentSecond(), 90)).toBe(3);
    expect(history.last("workers", currentSecond(), 50)).toBeNull();
    expect(kinds()).toEqual(["scaled"]);
    expect(troubles).toEqual([]);
  });

  test("goes on when it cannot save, and leaves alone a file that it was never started on", async () => {
    const { keeper, history, troubles } = openKeeper(join(folder, "missing", "never.gz"));
    keeper.restore();
    expect(troubles).toEqual([]);
    history.write(currentSecond(), nothing, noLatencies);
    await keeper.stop();
    expect(troubles).toEqual([]);
    keeper.start();
    await keeper.stop();
    expect(new Set(troubles)).toEqual(new Set(["The charts' figures could not be saved."]));
  });
});

describe("the charts of the next supervisor", () => {
  let service: TestService;
  beforeAll(async () => {
    service = await openTestService();
  });
  afterAll(() => service.close());

  test("show what was measured and what happened before it started, and nothing for the time in between", async () => {
    const historyFile = join(folder, "charts.gz");
    const { connectionString } = service.database;
    const event = await service.createEvent({ name: "Gala" });
    const first = await openTestOperations({ connectionString, historyFile });
    const seriesOf = (tested: typeof first) => tested.read("/ops/v1/series?minutes=5", seriesReply);
    await first.send(`/ops/v1/sales/${event.id}/pause`, { body: { reason: "Wait" } });
    first.operations.note("scaled", "1 to 2 workers");
    const known = await waitFor("figures and marks", async () => {
      const { points, marks } = await seriesOf(first);
      const isThere =
        marks.length === 3 && points.some(({ workers, free }) => workers === 1 && free !== null);
      return isThere && { points, marks };
    });
    await first.close();
    await moveBack(historyFile, 60);

    const second = await openTestOperations({ connectionString, historyFile });
    const { points, marks } = await waitFor("new figures and the pause", async () => {
      const series = await seriesOf(second);
      return series.points.at(-1)?.workers === 1 && series.marks.length === 4 && series;
    });
    await second.close();
    const kinds = marks.map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(["paused", "scaled", "started", "started"]);
    const firstNew = points.findLastIndex(({ workers }) => workers === null) + 1;
    const lastOld = points.slice(0, firstNew).findLastIndex(({ workers }) => workers !== null);
    const gap = points.slice(lastOld + 1, firstNew);
    // The gap lasts as long as the supervisor was away, and nothing in it is taken for zero.
    expect(gap.length).toBeGreaterThan(20);
    expect(gap.flatMap((point) => Object.values(point)).filter((each) => typeof each === "number")).toEqual(
      [],
    );
    const wanted = known.points.find(({ free }) => free !== null);
    expect(points.slice(0, lastOld + 1)).toContainEqual(expect.objectContaining({ free: wanted?.free }));
  });
});

/** Makes a file tell of so many seconds earlier, as if the next start had been so much later. */
async function moveBack(file: string, seconds: number): Promise<void> {
  const saved = parseHistory(await readFile(file));
  const moved = {
    ...saved,
    savedAtMs: saved.savedAtMs - seconds * 1_000,
    newestSecond: saved.newestSecond - seconds,
  };
  await writeFile(file, writeFileOf(moved));
}
