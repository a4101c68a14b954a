import { faultCatalog } from "../faults/fault-catalog.ts";
import { invariants } from "../model/verdict.ts";
import type { KindFigures } from "../run/fault-tally.ts";
import type { RunResult } from "../run/run-scenario.ts";
import { type SummedFigures, sumFigures } from "./sum-figures.ts";

const findingsMax = 20;
const storyLinesMax = 200;

/** How to make words stand out, on terminals that can. */
export interface Colours {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

/** A kind's figures beside what the table of faults asks for. */
export interface FaultRow extends KindFigures {
  readonly number: number;
  readonly recoveryMaxMs: number | null;
  /** Null where there is no figure, or nothing to compare with it. */
  readonly isRecoveryMet: boolean | null;
}

/** The kinds of a run in the order of the table. */
export function faultRowsOf({ faults }: Pick<RunResult, "faults">): FaultRow[] {
  return faults
    .map((figures) => {
      const known = faultCatalog.find(({ kind }) => kind === figures.kind);
      const recoveryMaxMs = known?.recoveryMaxMs ?? null;
      // The table asks for the 99th percentile, and a small number of faults has no other than its worst.
      const isRecoveryMet =
        recoveryMaxMs === null || figures.recovery === null ? null : figures.recovery.p99Ms <= recoveryMaxMs;
      return { ...figures, number: known?.number ?? 0, recoveryMaxMs, isRecoveryMet };
    })
    .toSorted((one, other) => one.number - other.number);
}

/** The verdict for people, as lines. */
export function tellVerdict(result: RunResult, keptHistories: readonly string[], colours: Colours): string[] {
  const { scenario, seed, commit, seconds, rate } = result;
  const repeat = `npm run chaos -- --scenario ${scenario} --seconds ${seconds} --seed ${seed} --rate ${rate}`;
  return [
    ...tellBreaches(result, colours),
    "",
    ...tellFaults(result, colours),
    "",
    ...tellFigures(result),
    ...result.stages.flatMap(({ notes }) => notes),
    "",
    `Seed ${seed}, commit ${commit ?? "unknown"}; again with: ${repeat}`,
    ...keptHistories.map(
      (path) => `History: ${path}, and beside it the end of the service's log: ${path}.log`,
    ),
    verdictLine(result, colours),
  ];
}

function tellBreaches({ stages, verdict }: RunResult, { bad }: Colours): string[] {
  if (verdict !== "broken") return [];
  return stages.flatMap(({ stage, judged, findings }) => [
    ...judged.story.slice(0, storyLinesMax),
    ...findings.slice(0, findingsMax).map((finding) => bad(`${stage}: ${finding}`)),
  ]);
}

function tellFaults(result: RunResult, { good, bad }: Colours): string[] {
  const rows = faultRowsOf(result);
  if (rows.length === 0) return ["No faults were made."];
  const cells = rows.map((row) => [
    `${row.number}`,
    row.kind,
    `${row.count}`,
    `${row.whileInFlight}`,
    tellSeconds(row.recovery?.p50Ms),
    tellSeconds(row.recovery?.p99Ms),
    tellSeconds(row.recovery?.worstMs),
    row.recoveryMaxMs === null ? "" : `<= ${row.recoveryMaxMs / 1_000} s`,
  ]);
  const head = ["#", "fault", "count", "in flight", "p50", "p99", "worst", "asked for"];
  const widths = head.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 1 ? cell.padEnd(widths[1] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ");
  const mark = (row: FaultRow) =>
    row.isRecoveryMet === null ? "" : row.isRecoveryMet ? `  ${good("met")}` : `  ${bad("missed")}`;
  return [
    "Recovery is from the end of a fault to the next acknowledgement of a request that was sent after it.",
    line(head),
    ...rows.map((row, index) => line(cells[index] ?? []) + mark(row)),
  ];
}

function tellSeconds(ms: number | undefined): string {
  return ms === undefined ? "-" : `${(ms / 1_000).toFixed(2)} s`;
}

function tellFigures(result: RunResult): string[] {
  const { stages, counts, vacuous, elapsedMs } = result;
  const figures = sumFigures(stages.map(({ judged }) => judged.judgement.figures));
  const faults = result.faults.reduce((sum, { count }) => sum + count, 0);
  const settled = figures.settled_after_last_fault_ms;
  return [
    `${faults} faults and ${figures.acknowledged} acknowledgements, ${figures.done} of them of something done, in ${Math.round(elapsedMs / 1_000)} s; ` +
      `${figures.unknowns} attempts without a definite answer, ${figures.recoveries} recoveries, ${figures.replays_compared} replies compared with their repetition.`,
    `Lost ${figures.lost}, duplicated ${figures.duplicated}, oversold ${figures.oversold}, leaked ${figures.leaked}; ` +
      `${figures.events_sold_out} of ${figures.events} events sold out.`,
    `The longest wait for a definite answer was ${tellSeconds(figures.longest_wait_ms)}` +
      `${settled === null ? "" : `, and what was open at the end of the last fault was settled ${tellSeconds(settled)} later`}.`,
    `A hold's tickets were free ${tellSeconds(figures.worst_undisturbed_release_ms)} after its deadline at the latest, ` +
      `not counting the time of faults and recoveries.`,
    ...tellClock(figures),
    `Promises: ${invariants.map((each) => `${each} ${counts[each] === 0 ? "kept" : `broken ${counts[each]} times`}`).join(", ")}.`,
    ...vacuous.map((sentence) => `Not shown: ${sentence}`),
    ...stages.flatMap(({ stage, judged }) =>
      judged.judgement.skipped.map((each) => `Left out: ${stage}: ${each}`),
    ),
  ];
}

function tellClock({ clock_steps: times, clock_step_most_ms: mostMs }: SummedFigures): string[] {
  if (times === 0) return [];
  const howOften = times === 1 ? "once" : `${times} times`;
  return [
    `Somebody set the database's clock ${howOften}, by ${tellSeconds(mostMs)} at most; what took how long is told by the run's own.`,
  ];
}

function verdictLine({ verdict }: RunResult, { good, bad }: Colours): string {
  switch (verdict) {
    case "pass":
      return good("PASS: every promise was kept under these faults.");
    case "broken":
      return bad("BROKEN: a promise was broken.");
    case "unknown":
      return bad(
        "UNKNOWN: no promise was seen broken, but the run does not show enough to say that they were kept.",
      );
  }
}
