import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { judgeRun } from "../../chaos/model/judge-run.ts";
import { LiveJudge } from "../../chaos/model/live-judge.ts";
import { tellBreaches } from "../../chaos/model/tell-breach.ts";
import { verdictOf } from "../../chaos/model/verdict.ts";
import { BrokenRun } from "./broken-run.ts";
import { SimulatedRun } from "./simulated-run.ts";
import { tellSoundRun } from "./sound-run.ts";

const sound = tellSoundRun();

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-test-judge-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function writeHistory(run: BrokenRun): Promise<string> {
  const path = join(folder, "history.jsonl");
  await writeFile(path, run.entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  return path;
}

describe("a run proves nothing", () => {
  const judge = (run: BrokenRun, options: Partial<Parameters<typeof judgeRun>[0]["options"]> = {}) =>
    judgeRun({ entries: run.entries, books: run.books, options: { plan: ["worker_kill"], ...options } });

  it("in which a fault of the plan did not fire", async () => {
    const judged = await judge(new BrokenRun(sound), { plan: ["worker_kill", "postmaster_kill"] });
    expect(judged.vacuous).toEqual(["The fault postmaster_kill never fired."]);
    expect(verdictOf(judged)).toBe("unknown");
  });

  it("in which a fault fired only while nothing was under way", async () => {
    const run = new BrokenRun(sound);
    for (const entry of run.entries) if (entry.type === "fault") Object.assign(entry, { in_flight: 0 });
    expect((await judge(run)).vacuous).toEqual([
      "The fault worker_kill never began while requests were under way.",
    ]);
  });

  it("in which a fault could not be done, unless that is optional and told", async () => {
    const run = new BrokenRun(sound);
    const skipped = { type: "fault", t_mono: 1, fault: 7, kind: "disk_full", phase: "skipped" } as const;
    run.add({ ...skipped, detail: "No file system may be mounted here.", in_flight: 0 });
    const plan = ["worker_kill", "disk_full"] as const;
    const strict = await judge(run, { plan });
    expect(strict.vacuous).toEqual([
      "The fault disk_full could not be done: No file system may be mounted here.",
    ]);
    const lenient = await judge(run, { plan, optionalKinds: ["disk_full"] });
    expect(lenient.vacuous).toEqual([]);
    expect(lenient.skipped).toEqual(["disk_full: No file system may be mounted here."]);
  });

  it("in which nothing was in doubt, recovered, sold out, repeated, done or looked at", async () => {
    const run = new SimulatedRun();
    run.call({ f: "change_event", user: null, event: null, subject: null, body: { capacity: 1 } });
    const { entries, books } = run.finish(0);
    const unseen = entries.filter(({ type }) => type !== "sample");
    const judged = await judgeRun({ entries: unseen, books, options: { plan: ["worker_kill"] } });
    expect(judged.vacuous).toEqual([
      "The fault worker_kill never fired.",
      "No request was ever left in doubt.",
      "No recovery from a fault was seen.",
      "Nobody was told that an event is sold out.",
      "No reply was compared with that to a repetition.",
      ...[
        "hold",
        "confirm",
        "extend",
        "cancel",
        "put_item",
        "remove_item",
        "check_out",
        "refund",
        "sign_up",
      ].map((name) => `No ${name} was ever acknowledged as done.`),
      ...["verify", "deliver", "read"].map((name) => `No ${name} was ever acknowledged as done.`),
      "The database was never looked at while the run went on.",
    ]);
  });

  it("but needs no fault where none was planned", async () => {
    const run = new BrokenRun(sound);
    run.entries = run.entries.filter(({ type }) => type !== "fault" && type !== "unknown");
    expect((await judge(run, { plan: [] })).vacuous).toEqual([]);
  });
});

describe("a late release", () => {
  const late = (
    lateMs: number,
    kind: "worker_kill" | "client_gone",
    [fromMs, toMs]: readonly [number, number],
  ) => {
    const run = new BrokenRun(sound);
    const row = run.reservation("cid");
    row.releasedAtMs = row.expiresAtMs + lateMs;
    const common = { type: "fault", fault: 70, kind, detail: "", in_flight: 1 } as const;
    run.add({ ...common, t_mono: fromMs, phase: "begun" });
    run.add({ ...common, t_mono: toMs - 10, phase: "ended" });
    run.add({ ...common, t_mono: toMs, phase: "recovered" });
    return judgeRun({ entries: run.entries, books: run.books, options: { plan: [] } });
  };
  // The hold of cid ends at about 3.3 s.
  it("is excused for as long as a fault went on, and for a second more", async () => {
    const { counts, figures } = await late(3_000, "worker_kill", [3_200, 4_500]);
    expect(counts.deadline).toBe(0);
    expect(figures.releases.late).toBe(1);
    // To within the samples that tell one clock's time by the other's.
    expect(figures.releases.worstLateMs).toBeCloseTo(3_000, -1);
  });

  it("is excused for no longer than that", async () => {
    expect((await late(3_000, "worker_kill", [3_200, 4_200])).counts.deadline).toBe(1);
  });

  it("is not excused by a fault that keeps nobody from it", async () => {
    expect((await late(2_000, "client_gone", [3_200, 4_900])).counts.deadline).toBe(1);
  });
});

describe("a hold whose deadline somebody left out, who set the database's clock", () => {
  /** Holds one ticket for a second, and sets the clock before that is over. @param spoil what becomes of its row */
  const judge = (setByMs: number, spoil: (run: BrokenRun) => void = () => {}) => {
    const run = new SimulatedRun();
    run.call({
      f: "change_event",
      user: null,
      event: null,
      subject: null,
      body: { capacity: 1, hold_seconds: 1 },
    });
    run.at(100, () => {
      const event = [...run.service.stock.events.keys()][0] ?? null;
      run.call({ f: "hold", user: "ann", event, subject: null, body: { user_id: "ann", quantity: 1 } });
    });
    run.at(600, () => run.setClock(setByMs));
    const broken = new BrokenRun({ ...run.finish(5_000), ids: {} });
    spoil(broken);
    return judgeRun({ entries: broken.entries, books: broken.books, options: { plan: [] } });
  };
  const only = ({ books }: BrokenRun) => {
    const [row] = books.reservations;
    if (row?.releasedAtMs === null || row === undefined) throw new Error("The hold has not ended.");
    return row as { releasedAtMs: number };
  };

  it("is in time when it is free soon after that", async () => {
    const { counts, figures, vacuous } = await judge(88_000);
    expect(counts.deadline).toBe(0);
    expect(figures).toMatchObject({
      clockSteps: [88_000],
      releases: { expired: 1, late: 0, worstLateMs: 0 },
    });
    expect(vacuous.filter((told) => told.includes("clock"))).toEqual([]);
  });

  it("is late when it is free later than a second after that", async () => {
    const { counts, breaches } = await judge(88_000, (run) => (only(run).releasedAtMs += 1_500));
    expect(counts.deadline).toBe(1);
    // Of the quarter of a second between two samples nobody knows.
    expect(breaches[0]?.message).toMatch(/was free 1[2345]\d\d ms after its deadline/);
  });

  it("tells nothing when the clock was set back, for then nobody knows what came first", async () => {
    const { vacuous } = await judge(-3_000);
    expect(vacuous).toContain(
      "The database's clock was set back by 3000 ms: its rows no longer tell what came first, and what is told as broken may be kept.",
    );
  });
});

test("recoveries are counted from the end of a fault, by kind", async () => {
  const run = new BrokenRun(sound);
  run.entries = run.entries.filter(({ type }) => type !== "fault");
  for (const [fault, recoveryMs] of [100, 300, 200].entries()) {
    const common = { type: "fault", fault, kind: "database_stop", detail: "", in_flight: fault } as const;
    run.add({ ...common, t_mono: 100, phase: "begun" });
    run.add({ ...common, t_mono: 1_100, phase: "ended" });
    run.add({ ...common, t_mono: 1_100 + recoveryMs, phase: "recovered" });
  }
  const { figures } = await judgeRun({ entries: run.entries, books: run.books, options: { plan: [] } });
  expect(figures.faults).toEqual({
    database_stop: {
      count: 3,
      skipped: 0,
      underLoad: 2,
      inFlightMost: 2,
      recovered: 3,
      recoveryP50Ms: 200,
      recoveryP99Ms: 300,
      recoveryWorstMs: 300,
    },
  });
  expect(figures).toMatchObject({
    faultCount: 3,
    recoveries: 3,
    lost: 0,
    duplicated: 0,
    oversold: 0,
    leaked: 0,
  });
});

test("tickets that nobody has are counted as leaked, and those beyond the capacity as oversold", async () => {
  const run = new BrokenRun(sound);
  run.event("large").available -= 2;
  run.reservation("hold-hal").quantity += 6;
  const { figures } = await judgeRun({ entries: run.entries, books: run.books, options: { plan: [] } });
  expect(figures).toMatchObject({ leaked: 2, oversold: 3 });
});

test("a history is judged from its file, and a breach is told with what happened around it", async () => {
  const run = new BrokenRun(sound);
  run.remove("reservations", ({ id }) => id === run.id("ann"));
  const historyPath = await writeHistory(run);
  const { breaches } = await judgeRun({ historyPath, books: run.books, options: { plan: [] } });
  const told = await tellBreaches(historyPath, breaches, { breachesMax: 1, linesMax: 12 });
  expect(told[0]).toMatch(
    /^1\. lost: hold of call 4 for ann of event event-1 was acknowledged, but there is no/,
  );
  expect(told.some((line) => /^ > .* invoke +hold +call 4\.1 +ann/.test(line))).toBe(true);
  expect(told.some((line) => line.includes("FAULT    worker_kill begun"))).toBe(true);
  expect(told.some((line) => line.includes("sample   3 free + 0 held + 0 sold of 3"))).toBe(true);
  expect(told.at(-2)).toMatch(/and \d+ more$/);
});

test("a history that was cut off in the middle of a line is not judged", async () => {
  const historyPath = join(folder, "cut.jsonl");
  await writeFile(historyPath, '{"type":"invoke","ca');
  await expect(judgeRun({ historyPath, books: sound.books, options: { plan: [] } })).rejects.toThrow("JSON");
});

test("samples are judged while they come", () => {
  const live = new LiveJudge();
  for (const entry of sound.entries) expect(live.take(entry)).toEqual([]);
  const sample = {
    type: "sample",
    t_mono: 0,
    t_mono_end: 1,
    database_ms: 0,
    run: "r",
    seed: 1,
    seq: 1,
  } as const;
  const stock = [{ event: "e", capacity: 2, available: 0, held: 1, sold: 2 }];
  expect(live.take({ ...sample, stock }).map(({ invariant }) => invariant)).toEqual([
    "oversold",
    "conserved",
  ]);
  expect(live.count).toBe(2);
  expect(live.breaches).toHaveLength(2);
});
