import { answerAll } from "./lane.ts";
import type { WaitingCommand } from "./waiting-command.ts";

/** Refuses the commands that have waited longer than `waitMaxMs`. @returns the others, in their order */
export function refuseTooOld(
  entries: readonly WaitingCommand[],
  waitMaxMs: number,
): readonly WaitingCommand[] {
  const oldestMs = performance.now() - waitMaxMs;
  const tooOld = entries.filter((entry) => entry.sinceMs < oldestMs);
  if (tooOld.length === 0) return entries;
  answerAll(tooOld, { kind: "overloaded" });
  return entries.filter((entry) => entry.sinceMs >= oldestMs);
}
