import type { FaultKind, HistoryEntry } from "../history/history-entry.ts";
import type { Judgement } from "../model/verdict.ts";
import type { Stage } from "../scenarios/scenario.ts";
import type { SystemOptions } from "../system/start-system.ts";
import type { SystemUnderTest } from "../system/system-under-test.ts";
import type { WorkloadSettings } from "../workload/start-workload.ts";
import type { Workload } from "../workload/workload.ts";

/** What the judge counted in one history. */
export interface RunFigures {
  readonly calls: number;
  readonly attempts: number;
  readonly acknowledged: Readonly<Record<string, number>>;
  readonly unknowns: number;
  readonly replaysCompared: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly oversold: number;
  readonly leaked: number;
  readonly eventsSoldOut: number;
  readonly longestCallMs: number;
  /** From the end of the last fault until every call was settled; null without faults. */
  readonly lastFaultToSettledMs: number | null;
}

export interface Judged {
  readonly judgement: Judgement;
  readonly figures: RunFigures;
  /** The history around the first breaches, for people. */
  readonly story: readonly string[];
}

export interface JudgeTask {
  readonly historyPath: string;
  readonly judgeUrl: string;
  readonly stage: Pick<Stage, "operations" | "needsSoldOut" | "optionalKinds">;
  readonly kinds: readonly FaultKind[];
  readonly signal: AbortSignal;
}

/** Looks at entries as they come. @returns a sentence for each promise that one of them breaks */
export type LiveCheck = (entry: HistoryEntry) => readonly string[];

/** What a run is made of; tests put others in their places. */
export interface RunParts {
  readonly startSystem: (options: SystemOptions) => Promise<SystemUnderTest>;
  readonly startWorkload: (settings: WorkloadSettings) => Promise<Workload>;
  readonly judge: (task: JudgeTask) => Promise<Judged>;
  readonly makeLiveCheck: () => LiveCheck;
}
