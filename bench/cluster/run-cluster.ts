import type { Options } from "../parse-options.ts";
import type { Machine } from "../report/read-machine.ts";
import { formatColumns, formatMachine } from "../report/print-table.ts";
import type { ClusterBench, PartResult } from "./cluster-bench.ts";
import type { Figure } from "./figures.ts";
import { measureOperations } from "./measure-operations.ts";
import { measureOverhead } from "./measure-overhead.ts";
import { measureReplacement } from "./measure-replacement.ts";
import { measureScaling } from "./measure-scaling.ts";
import { measureStep } from "./measure-step.ts";
import type { ClusterPart } from "./cluster-parts.ts";

/** Everything that a run found. */
export interface ClusterReport extends PartResult {
  readonly machine: Machine;
  readonly options: Options;
}

const measures: Readonly<Record<ClusterPart, (bench: ClusterBench) => Promise<PartResult>>> = {
  overhead: measureOverhead,
  operations: measureOperations,
  step: measureStep,
  replacement: measureReplacement,
  scaling: measureScaling,
};

/**
 * Measures the whole service with its supervisor, one part after the other.
 *
 * @throws when the run is ended early; what was measured until then is dropped
 */
export async function runCluster(bench: ClusterBench): Promise<PartResult> {
  const { signal, load, options, log } = bench;
  signal.addEventListener("abort", () => load.stopEarly());
  const results: PartResult[] = [];
  for (const part of options.parts) {
    signal.throwIfAborted();
    const sinceMs = performance.now();
    results.push(await measures[part](bench));
    log(`${part}: measured in ${Math.round((performance.now() - sinceMs) / 1000)} s`);
  }
  return {
    figures: results.flatMap(({ figures }) => figures),
    audits: results.flatMap(({ audits }) => audits),
    notes: results.flatMap(({ notes }) => notes),
  };
}

/** @returns the report as text with aligned columns */
export function formatClusterReport({ machine, options, figures, audits, notes }: ClusterReport): string {
  const header = ["", "figure", "goal", "", "samples", "what"];
  const rows = figures.map((figure) => [
    figure.name,
    format(figure.value, figure.unit),
    formatGoal(figure),
    figure.met === null || options.smoke ? "" : figure.met ? "met" : "MISSED",
    formatSamples(figure),
    figure.what,
  ]);
  const passed = audits.filter((audit) => audit.passed).length;
  const failed = audits.flatMap((audit) =>
    audit.passed ? [] : [`AUDIT FAILED: ${JSON.stringify(audit.violations)}`],
  );
  const parts = [
    formatMachine(machine, options),
    formatColumns([header, ...rows], ["left", "right", "left", "left", "left", "left"]),
    [`Audits passed: ${passed} of ${audits.length}.`, ...failed, ...notes].join("\n"),
  ];
  return `${parts.join("\n\n")}\n`;
}

const samplesShown = 6;

function formatSamples({ samples, unit }: Figure): string {
  if (samples.length < 2 || samples.length > samplesShown)
    return samples.length < 2 ? "" : `${samples.length}`;
  return samples.map((sample) => format(sample, unit).replace(/ .*/, "")).join(" ");
}

function formatGoal({ goal, unit }: Figure): string {
  if (goal === null) return "";
  return "atLeast" in goal ? `>= ${format(goal.atLeast, unit)}` : `<= ${format(goal.atMost, unit)}`;
}

function format(value: number, unit: Figure["unit"]): string {
  // A ratio near 1 is judged by its third digit.
  const digits = Number.isInteger(value) ? 0 : unit === "" ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
  const text = value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === "" ? text : `${text} ${unit}`;
}
