import type { Latency } from "./percentiles.ts";
import type { Summary } from "./summarise-sale.ts";

/** How good and bad marks look where the text goes. */
export interface Marks {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

/** More complaints than this tell nothing new. */
const complaintsShownMax = 10;

/** The result of a rehearsal for people. The last line says whether it adds up. */
export function formatSummary(summary: Summary, marks: Marks): string {
  const { buyers, holds, confirms, retries, seed } = summary;
  const lines: (string | null)[] = [
    headline(summary),
    "",
    line("Held", holds.held, heldWords(summary)),
    line("Refused", sumOf(holds.refused), listOf(holds.refused)),
    line("Confirmed", confirms.confirmed, listOf(confirms.refused, "refused: ")),
    line("Unknown", holds.unknown + confirms.unknown, "requests that never had a definite answer"),
    line("Retried", retries.requests, "requests sent again under the same key"),
  ];
  if (buyers.delayed > 0)
    lines.push(
      line(
        "Delayed",
        buyers.delayed,
        `arrivals later than planned, since too many were under way; ${grouped(buyers.delay_ms_max)} ms at most`,
      ),
    );
  lines.push(
    latencyLine("Hold", summary.latency_ms.hold),
    latencyLine("Confirm", summary.latency_ms.confirm),
    workersLine(summary),
    `  Repeat with --seed ${seed}.`,
    "",
    ...verdictLines(summary, marks),
  );
  return `${lines.filter((each) => each !== null).join("\n")}\n`;
}

function headline({ event, buyers, stopped, duration_seconds }: Summary): string {
  const of = stopped ? ` of ${grouped(buyers.planned)}, stopped early` : "";
  return `${event.name}: ${grouped(buyers.arrived)} buyers${of}, ${duration_seconds.toFixed(1)} s`;
}

function heldWords({ holds, stock }: Summary): string {
  const ended = holds.ended_unpaid;
  if (ended === null || stock === null) return "";
  return ended === 0 ? "" : `${grouped(ended)} ended unpaid, so their tickets went back on sale`;
}

function workersLine({ workers, killed_worker, kill_refused }: Summary): string | null {
  const seen =
    workers === null
      ? null
      : workers.min === workers.max
        ? `${workers.min} throughout`
        : `${workers.min} at least, ${workers.max} at most`;
  const killed =
    killed_worker === null ? null : `worker ${killed_worker.id} killed (process ${killed_worker.pid})`;
  const refused = kill_refused === null ? null : `none killed: ${kill_refused}`;
  const words = [seen, killed, refused].filter((each) => each !== null);
  return words.length === 0 ? null : `  Workers    ${words.join("; ")}`;
}

function latencyLine(what: string, { p50, p95, p99, max }: Latency): string | null {
  if (p50 === null || p95 === null || p99 === null || max === null) return null;
  const words = `p50 ${milliseconds(p50)}, p95 ${milliseconds(p95)}, p99 ${milliseconds(p99)}, slowest ${milliseconds(max)}`;
  return `  ${what.padEnd(9)}  answered in ${words}, repetitions included`;
}

function verdictLines({ stock, verdict, complaints, other_reservations }: Summary, marks: Marks): string[] {
  if (stock === null) return ["The service does not answer any more, so nothing could be compared with it."];
  const others =
    other_reservations === null || other_reservations === 0
      ? []
      : [`${grouped(other_reservations)} reservations are of buyers who were not sent from here.`];
  const hidden = complaints.length - complaintsShownMax;
  return [
    ...others,
    ...complaints.slice(0, complaintsShownMax).map((complaint) => `${marks.bad("✗")} ${complaint}`),
    ...(hidden > 0 ? [`${marks.bad("✗")} and ${grouped(hidden)} more.`] : []),
    `Sold ${stock.sold} + Held ${stock.held} + Free ${stock.free} = Capacity ${stock.capacity} ` +
      (verdict === "exact" ? marks.good("✓") : marks.bad("✗")),
  ];
}

function line(what: string, value: number, words: string): string {
  return `  ${what.padEnd(9)}  ${grouped(value).padStart(9)}  ${words}`.trimEnd();
}

function listOf(counts: Record<string, number>, before = ""): string {
  const parts = Object.entries(counts).map(([code, value]) => `${code} ${grouped(value)}`);
  return parts.length === 0 ? "" : before + parts.join(", ");
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, value) => sum + value, 0);
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${grouped(Math.round(ms))} ms`;
}
