import type { SeriesPoint } from "../../../api/contract/dashboard.ts";

/** A member of the series that is a figure. */
type SeriesFigure = Exclude<keyof SeriesPoint, "at">;

/** How a line is told from the others: by colour and by dashes. */
export interface ChartLine {
  readonly figure: SeriesFigure;
  readonly label: string;
  /** One of the palette's chart colours, 1 to 5. */
  readonly color: 1 | 2 | 3 | 4 | 5;
  readonly dash?: string;
}

/** A horizontal line at a limit. */
export interface ChartLimit {
  readonly at: number;
  readonly label: string;
}

/** A point with its time as a number, as charts need it. */
export type ChartRow = SeriesPoint & { readonly timeMs: number };

export function toChartRows(points: readonly SeriesPoint[]): ChartRow[] {
  return points.map((point) => ({ ...point, timeMs: Date.parse(point.at) }));
}

/** The highest value that any of the lines reaches; null when nothing was measured. */
export function highestOf(rows: readonly ChartRow[], lines: readonly ChartLine[]): number | null {
  let highest: number | null = null;
  for (const row of rows) {
    for (const { figure } of lines) {
      const value = row[figure];
      if (value !== null && (highest === null || value > highest)) highest = value;
    }
  }
  return highest;
}

/** How many points have a value for any of the lines. */
export function countMeasured(rows: readonly ChartRow[], lines: readonly ChartLine[]): number {
  return rows.filter((row) => lines.some(({ figure }) => row[figure] !== null)).length;
}

export function colorVariable(color: ChartLine["color"]): string {
  return `var(--chart-${color})`;
}
