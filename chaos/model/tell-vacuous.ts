import { type Figures, operations } from "./count-figures.ts";
import type { FaultKind } from "../history/history-entry.ts";
import type { FaultLog } from "./fault-log.ts";
import type { JudgeOptions } from "./judged-run.ts";

/** Faults during which everybody is answered. */
const leavesNoDoubt: ReadonlySet<FaultKind> = new Set(["wrong_clock"]);

/**
 * Tells what a run did not show, so that having broken nothing proves nothing: a kind of fault of the plan that never
 * fired while requests were under way, faults without a request in doubt or without a recovery, no sold-out event, no
 * reply that was compared with its repetition, an operation that was never done, a database that was never looked at, or
 * one whose clock was set back, so that its rows do not tell what came first.
 *
 * @returns a sentence for each; none for a run that says something
 */
export function tellVacuous(figures: Figures, faults: FaultLog, options: JudgeOptions): string[] {
  const { plan, optionalKinds = [], needsSoldOut = true } = options;
  const told: string[] = [];
  for (const kind of plan) {
    const counted = figures.faults[kind];
    if (counted !== undefined && counted.underLoad > 0) continue;
    const skipped = [...faults.records.values()].find(
      (each) => each.kind === kind && each.skippedBecause !== null,
    );
    const wasDone = counted !== undefined && counted.count > 0;
    if (optionalKinds.includes(kind) && !wasDone && skipped !== undefined) continue;
    if (wasDone) told.push(`The fault ${kind} never began while requests were under way.`);
    else if (skipped === undefined) told.push(`The fault ${kind} never fired.`);
    else told.push(`The fault ${kind} could not be done: ${skipped.skippedBecause}`);
  }
  if (plan.some((kind) => !leavesNoDoubt.has(kind))) {
    if (figures.unknowns === 0) told.push("No request was ever left in doubt.");
    if (figures.recoveries === 0) told.push("No recovery from a fault was seen.");
  }
  if (needsSoldOut && (figures.refusedBy["sold_out"] ?? 0) === 0)
    told.push("Nobody was told that an event is sold out.");
  if (figures.replaysCompared === 0) told.push("No reply was compared with that to a repetition.");
  for (const name of options.operations ?? operations)
    if (figures.doneBy[name] === 0) told.push(`No ${name} was ever acknowledged as done.`);
  if (figures.samples === 0) told.push("The database was never looked at while the run went on.");
  const backMs = Math.min(0, ...figures.clockSteps);
  if (backMs < 0)
    told.push(
      `The database's clock was set back by ${-backMs} ms: its rows no longer tell what came first, and what is told as broken may be kept.`,
    );
  return told;
}

/** Kinds of the plan that could not be done and need not be: each with the reason. */
export function tellSkipped(faults: FaultLog, { optionalKinds = [] }: JudgeOptions): string[] {
  const reasons = [...faults.records.values()].flatMap(({ kind, skippedBecause }) =>
    skippedBecause !== null && optionalKinds.includes(kind) ? [`${kind}: ${skippedBecause}`] : [],
  );
  return [...new Set(reasons)];
}
