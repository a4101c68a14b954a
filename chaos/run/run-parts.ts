import type { HistoryEntry } from "../history/history-entry.ts";
import type { RunJudgement } from "../model/judge-run.ts";
import type { Stage } from "../scenarios/scenario.ts";
import type { SystemOptions } from "../system/start-system.ts";
import type { SystemUnderTest } from "../system/system-under-test.ts";
import type { WorkloadSettings } from "../workload/start-workload.ts";
import type { Workload } from "../workload/workload.ts";

/** What came of judging one history. */
export interface Judged {
  readonly judgement: RunJudgement;
  /** The history around the first breaches, for people. */
  readonly story: readonly string[];
}

export interface JudgeTask {
  readonly historyPath: string;
  readonly judgeUrl: string;
  readonly stage: Pick<Stage, "kinds" | "optionalKinds" | "operations" | "needsSoldOut">;
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
