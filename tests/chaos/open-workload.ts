import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallEntry } from "../../chaos/history/history-entry.ts";
import { readHistory } from "../../chaos/history/read-history.ts";
import { HistoryRecorder } from "../../chaos/history/record-history.ts";
import { SeededRandom } from "../../chaos/seeded-random.ts";
import {
  type RunningWorkload,
  startWorkload,
  type WorkloadSettings,
} from "../../chaos/workload/start-workload.ts";

export interface TestWorkload {
  readonly workload: RunningWorkload;
  readonly abort: () => void;
  /** Every attempt and answer so far. */
  readCalls(): Promise<readonly CallEntry[]>;
  close(): Promise<void>;
}

/** Starts a workload with a history of its own. */
export async function openWorkload(
  settings: Pick<WorkloadSettings, "url" | "adminKey" | "rate" | "options"> & { readonly seed?: number },
): Promise<TestWorkload> {
  const { seed = 1, ...rest } = settings;
  const folder = await mkdtemp(join(tmpdir(), "holdfast-test-chaos-"));
  const recorder = new HistoryRecorder(join(folder, "history.jsonl"), { run: "test", seed });
  const end = new AbortController();
  const close = async () => {
    end.abort();
    recorder.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const random = new SeededRandom(seed);
    const workload = await startWorkload({ ...rest, recorder, random, signal: end.signal });
    return { workload, abort: () => end.abort(), readCalls: () => callsOf(recorder.path), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function callsOf(path: string): Promise<CallEntry[]> {
  const calls: CallEntry[] = [];
  for await (const entry of readHistory(path))
    if (entry.type !== "fault" && entry.type !== "sample") calls.push(entry);
  return calls;
}
