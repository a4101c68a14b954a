import { formatSeconds } from "../format/times.ts";
import { type ChartLine, type ChartRow, highestOf } from "./lines.ts";
import { type ChartMark, marksOfStep } from "./marks.ts";

interface Described {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number | null) => string;
}

const marksToldMax = 5;

/** What a chart shows, in words, for those who do not see it. */
export function describeChart(
  { title, unit, lines, format }: Described,
  rows: readonly ChartRow[],
  marks: readonly ChartMark[],
): string {
  const last = rows.at(-1);
  const highest = highestOf(rows, lines);
  if (last === undefined || highest === null) return `${title}, ${unit}: nothing measured yet.`;
  const now = lines.map(({ label, figure }) => `${label} ${wordsFor(format(last[figure]))}`).join(", ");
  return `${title}, ${unit}. Now: ${now}. Highest: ${format(highest)}. ${describeMarks(marks)}`.trim();
}

/** The newest marks in words, oldest first. */
function describeMarks(marks: readonly ChartMark[]): string {
  if (marks.length === 0) return "Nothing marked.";
  const told = marks.slice(-marksToldMax).map(({ timeMs, text }) => `${formatSeconds(timeMs)} ${text}`);
  const before = marks.length - told.length;
  return `Marked: ${told.join("; ")}${before > 0 ? `; and ${before} earlier` : ""}.`;
}

/** A dash is read as nothing at all. */
function wordsFor(text: string): string {
  return text === "–" ? "not measured" : text;
}

export interface ChartTableRow {
  readonly timeMs: number;
  /** One for each line, as text. */
  readonly values: readonly string[];
  readonly marks: readonly string[];
}

/** A chart as a table, newest first. @param stepMs how much time each point stands for */
export function toTableRows(
  { lines, format }: Pick<Described, "lines" | "format">,
  rows: readonly ChartRow[],
  marks: readonly ChartMark[],
  stepMs: number,
): ChartTableRow[] {
  return rows.toReversed().map((row) => ({
    timeMs: row.timeMs,
    values: lines.map(({ figure }) => format(row[figure])),
    marks: marksOfStep(marks, row.timeMs, stepMs).map(({ text }) => text),
  }));
}
