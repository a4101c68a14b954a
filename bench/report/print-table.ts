import type { Arm } from "../arms/arm-catalog.ts";
import type { Measurement } from "../measure-arm.ts";
import type { Options } from "../parse-options.ts";
import type { Ratio } from "./judge-ratios.ts";
import { median } from "./median.ts";
import type { Machine } from "./read-machine.ts";

/** Everything that a run found. */
export interface Report {
  readonly machine: Machine;
  readonly options: Options;
  readonly arms: readonly Arm[];
  readonly rounds: readonly (readonly Measurement[])[];
  readonly ratios: readonly Ratio[];
}

/** @returns the report as text with aligned columns */
export function formatReport({ machine, options, arms, rounds, ratios }: Report): string {
  const parts = [formatMachine(machine, options), formatArms(arms, options, rounds)];
  if (ratios.length > 0) parts.push(formatRatios(ratios, options.smoke));
  return `${parts.join("\n\n")}\n`;
}

/** @returns what was measured on, as lines */
export function formatMachine(
  machine: Machine,
  options: Pick<Options, "rounds" | "seconds" | "streams">,
): string {
  const { settings } = machine;
  return [
    `${machine.cpuCount} x ${machine.cpuModel}, ${machine.memoryMib} MiB, ${machine.platform}, ` +
      `Node ${machine.node}`,
    `PostgreSQL ${machine.postgres} (${machine.postgresOrigin}): fsync ${settings.fsync}, ` +
      `synchronous_commit ${settings.synchronous_commit}, full_page_writes ${settings.full_page_writes}, ` +
      `shared_buffers ${settings.shared_buffers}`,
    options.streams
      ? "clients, service and database share the processors"
      : `${options.rounds} rounds of ${options.seconds} s; generator, service and database share the processors`,
  ].join("\n");
}

function formatArms(arms: readonly Arm[], options: Options, rounds: Report["rounds"]): string {
  const header = ["arm", "per second", "p50 ms", "p99 ms", "conns", "audit", "what"];
  const rows = arms.map((arm) => {
    const measured = rounds.flat().filter((measurement) => measurement.arm === arm.name);
    const medianOf = (figure: (measurement: Measurement) => number) => median(measured.map(figure));
    return [
      arm.name,
      Math.round(medianOf((measurement) => measurement.perSecond)).toLocaleString("en"),
      medianOf((measurement) => measurement.p50Ms).toFixed(1),
      medianOf((measurement) => measurement.p99Ms).toFixed(1),
      String(arm.connections ?? options.connections),
      measured.every((measurement) => measurement.audit.passed) ? "passed" : "FAILED",
      [arm.what, ...oddities(arm, measured)].join("; "),
    ];
  });
  return formatColumns([header, ...rows], ["left", "right", "right", "right", "right", "left", "left"]);
}

/** What should not have happened: answers that do not count, and connections that broke. */
function oddities(arm: Arm, measured: readonly Measurement[]): string[] {
  const expected = new Set([String(arm.countedStatus), ...(arm.load === "life" ? ["201"] : [])]);
  const others = new Map<string, number>();
  let failures = 0;
  for (const measurement of measured) {
    failures += measurement.failures;
    for (const [status, count] of Object.entries(measurement.countByStatus)) {
      if (!expected.has(status)) others.set(status, (others.get(status) ?? 0) + count);
    }
  }
  const notes = [...others].map(([status, count]) => `${count} answers were ${status}`);
  if (failures > 0) notes.push(`${failures} connections broke`);
  return notes;
}

function formatRatios(ratios: readonly Ratio[], smoke: boolean): string {
  const header = ["ratio", "median", "goal", "", "each round", "what"];
  const rows = ratios.map(({ name, value, goal, met, perRound, what }) => [
    name,
    value.toFixed(2),
    goal === null ? "" : "atLeast" in goal ? `>= ${goal.atLeast}` : `<= ${goal.atMost}`,
    met === null || smoke ? "" : met ? "met" : "MISSED",
    perRound.map((each) => each.toFixed(2)).join(" "),
    what,
  ]);
  return formatColumns([header, ...rows], ["left", "right", "left", "left", "left", "left"]);
}

/** @returns rows as lines, each column as wide as its widest cell */
export function formatColumns(
  rows: readonly (readonly string[])[],
  sides: readonly ("left" | "right")[],
): string {
  const widths = sides.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const format = (row: readonly string[]) =>
    row.map((cell, column) =>
      sides[column] === "right" ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
  return rows.map((row) => format(row).join("  ").trimEnd()).join("\n");
}
