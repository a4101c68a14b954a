import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readHistory } from "../../chaos/history/read-history.ts";
import type { FaultEntry } from "../../chaos/history/history-entry.ts";
import { exitCodeOf } from "../../chaos/report/exit-codes.ts";
import { type PairStrikes, readStrikes } from "../../chaos/kill-points/pair-strikes.ts";
import { tellVerdict } from "../../chaos/report/print-verdict.ts";
import { resultDocument, writeResult } from "../../chaos/report/write-result.ts";
import { FaultBook } from "../../chaos/run/fault-book.ts";
import { FaultTally } from "../../chaos/run/fault-tally.ts";
import type { Judged } from "../../chaos/run/run-parts.ts";
import { type RunResult, runScenario } from "../../chaos/run/run-scenario.ts";
import type { AttackContext, Scenario } from "../../chaos/scenarios/scenario.ts";
import type { Fault } from "../../chaos/faults/fault.ts";
import { SeededRandom } from "../../chaos/seeded-random.ts";
import type { SystemUnderTest } from "../../chaos/system/system-under-test.ts";
import { waitFor } from "../support/wait-for.ts";
import { fakeJudged, FakeWorkload, openRecorder } from "./fake-run.ts";

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-chaos-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A system of which nothing is there but what a run asks for. */
function fakeSystem(onClose: () => void): SystemUnderTest {
  const system: Partial<SystemUnderTest> = {
    topology: "separate",
    url: "http://127.0.0.1:9",
    adminKey: "none",
    dataDir: "none",
    // Nothing listens there.
    judgeUrl: "postgres://nobody@127.0.0.1:9/none",
    logTail: () => "the log",
    close: () => {
      onClose();
      return Promise.resolve();
    },
  };
  return system as SystemUnderTest;
}

const oneFault: Fault = {
  kind: "worker_kill",
  number: 1,
  topologies: ["separate"],
  recoveryMaxMs: 1_000,
  weight: "heavy",
  inject: ({ begun }) => {
    begun("a worker was killed");
    return Promise.resolve(null);
  },
};

interface FakeRun {
  readonly judged: Promise<Judged>;
  readonly attack?: (context: AttackContext) => Promise<void>;
  readonly stages?: number;
  readonly earlierStrikes?: readonly PairStrikes[];
}

async function run({ judged, attack = () => Promise.resolve(), stages = 1, ...rest }: FakeRun) {
  let closed = 0;
  const controller = new AbortController();
  const scenario: Scenario = {
    name: "fake",
    help: "nothing",
    stages: Array.from({ length: stages }, (_, index) => ({
      name: `stage-${index}`,
      topology: "separate",
      share: 1 / stages,
      kinds: ["worker_kill"],
      attack,
    })),
  };
  const result: Promise<RunResult> = runScenario({
    scenario,
    seconds: 0.1,
    seed: 1,
    rate: 1,
    historyPath: join(makeFolder(), "history.jsonl"),
    parts: {
      startSystem: () => Promise.resolve(fakeSystem(() => (closed += 1))),
      startWorkload: () => Promise.resolve(new FakeWorkload()),
      judge: () => judged,
      makeLiveCheck: () => () => [],
    },
    stopping: controller.signal,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...rest,
  });
  return { result, closed: () => closed };
}

describe("a chaos run", () => {
  test.each([
    ["passes when every promise was kept", {}, "pass", 0],
    ["proves nothing when it was vacuous", { vacuous: ["Nothing happened."] }, "unknown", 1],
    ["is broken when a promise was", { broken: ["oversold"] }, "broken", 3],
    ["is broken even when it was vacuous", { broken: ["lost"], vacuous: ["Nothing."] }, "broken", 3],
  ] as const)("%s", async (_, saw, verdict, code) => {
    const { result, closed } = await run({ judged: fakeJudged(saw) });
    expect((await result).verdict).toBe(verdict);
    expect(exitCodeOf((await result).verdict)).toBe(code);
    expect(closed()).toBe(1);
  });

  test("is broken when a fault found a promise of its row broken", async () => {
    const finding: Fault = {
      ...oneFault,
      inject: ({ begun, found }) => {
        begun("x");
        found("/livez did not answer.");
        return Promise.resolve(null);
      },
    };
    const attack = async ({ inject, random, workload }: AttackContext) => {
      const injected = inject(finding, random);
      if (workload instanceof FakeWorkload) await waitFor("a wait", () => workload.acknowledge() > 0);
      await injected;
    };
    const { result } = await run({ judged: fakeJudged({}), attack });
    expect((await result).verdict).toBe("broken");
  });

  test("ends after the stage in which a promise was broken, and says that the others are missing", async () => {
    const { result, closed } = await run({ judged: fakeJudged({ broken: ["lost"] }), stages: 3 });
    expect(closed()).toBe(0);
    expect((await result).stages).toHaveLength(1);
    expect((await result).vacuous).toEqual(["The run ended before the last 2 of 3 stages."]);
    expect(closed()).toBe(1);
  });

  test("leaves nothing running when a part of it throws", async () => {
    const attack = () => Promise.reject(new Error("a defect of ours"));
    const { result, closed } = await run({ judged: fakeJudged({}), attack });
    await expect(result).rejects.toThrow("a defect of ours");
    expect(closed()).toBe(1);
  });

  test("writes down a fault that was begun, ended and recovered from, and one that never came", async () => {
    const folder = makeFolder();
    const workload = new FakeWorkload();
    const recorder = openRecorder(folder);
    const book = new FaultBook({
      recorder,
      workload,
      system: fakeSystem(() => {}),
      usualRate: 1,
      isLongRun: false,
      onMeasured: () => {},
    });
    const injected = book.inject(oneFault, new SeededRandom(1), new AbortController().signal);
    await waitFor("the wait for an acknowledgement", () => workload.acknowledge() > 0);
    expect(await injected).toBe(true);
    book.tellSkipped(["worker_kill", "disk_full"]);
    recorder.close();
    const entries: FaultEntry[] = [];
    for await (const entry of readHistory(recorder.path)) if (entry.type === "fault") entries.push(entry);
    expect(entries.map(({ kind, phase, in_flight }) => `${kind} ${phase} ${in_flight}`)).toEqual([
      "worker_kill begun 3",
      "worker_kill ended 3",
      "worker_kill recovered 3",
      "disk_full skipped 3",
    ]);
  });

  test("tells a missed recovery in its table, and does not call it broken", async () => {
    const tally = new FaultTally();
    const place = {
      type: "fault",
      run: "r",
      seed: 1,
      seq: 1,
      kind: "worker_kill",
      detail: "",
      in_flight: 2,
    } as const;
    for (const [fault, recoveredAtMs] of [
      [1, 100],
      [2, 1_900],
    ] as const) {
      tally.take("s", { ...place, fault, phase: "begun", t_mono: 0 });
      tally.take("s", { ...place, fault, phase: "ended", t_mono: 0 });
      tally.take("s", { ...place, fault, phase: "recovered", t_mono: recoveredAtMs });
    }
    const [kind] = tally.figures();
    expect(kind).toMatchObject({ count: 2, whileInFlight: 2, recovery: { p50Ms: 100, worstMs: 1_900 } });
    const { result } = await run({ judged: fakeJudged({}) });
    const missed: RunResult = { ...(await result), faults: tally.figures() };
    const plain = (text: string) => text;
    const lines = tellVerdict(missed, [], { good: plain, bad: plain });
    expect(lines.find((line) => line.includes("worker_kill"))).toMatch(/1\.90 s +<= 1 s +missed$/);
    expect(lines.at(-1)).toMatch(/^PASS/);
    expect(resultDocument(missed, [])).toMatchObject({
      verdict: "pass",
      faults: [{ kind: "worker_kill", isRecoveryMet: false }],
    });
  });

  test("hands a sweep what it continues, and its strikes to the one that continues it", async () => {
    const strikes: PairStrikes[] = [{ point: "before commit", victim: "worker", strikes: 2 }];
    const attack = async ({ earlierStrikes, noteStrikes }: AttackContext) =>
      noteStrikes(earlierStrikes.map((each) => ({ ...each, strikes: each.strikes + 1 })));
    const { result } = await run({ judged: fakeJudged({}), attack, earlierStrikes: strikes });
    const path = join(makeFolder(), "result.json");
    await writeResult(path, await result, []);
    expect(await readStrikes(path)).toEqual([{ point: "before commit", victim: "worker", strikes: 3 }]);
  });

  test("tells that somebody set the database's clock, and nothing of a clock that nobody touched", async () => {
    const tell = async (clockSteps: readonly number[]) => {
      const { result } = await run({ judged: fakeJudged({ clockSteps }) });
      const plain = (text: string) => text;
      const lines = tellVerdict(await result, [], { good: plain, bad: plain });
      return lines.filter((line) => line.includes("clock"));
    };
    expect(await tell([])).toEqual([]);
    expect(await tell([-2_090, 87_720])).toEqual([
      "Somebody set the database's clock 2 times, by 87.72 s at most; what took how long is told by the run's own.",
    ]);
  });
});
