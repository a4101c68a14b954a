import type { Series } from "../../../api/contract/dashboard.ts";
import { type ChartRow, toChartRows } from "./lines.ts";
import { type ChartMark, marksWithin, toChartMarks } from "./marks.ts";
import { domainOf, type TimeDomain } from "./time-axis.ts";

/** What all charts of a page share. One object for each answer, so that charts know when nothing has changed. */
export interface ChartData {
  readonly rows: readonly ChartRow[];
  /** Those within the range. */
  readonly marks: readonly ChartMark[];
  readonly domain: TimeDomain;
  readonly rangeMinutes: number;
  readonly stepMs: number;
}

/** @param nowMs where the range ends while there is no point */
export function toChartData(series: Series, rangeMinutes: number, nowMs: number): ChartData {
  const domain = domainOf(series.points, rangeMinutes, nowMs);
  const rows = toChartRows(series.points).filter(({ timeMs }) => timeMs >= domain.fromMs);
  const marks = marksWithin(toChartMarks(series.marks), domain);
  return { rows, marks, domain, rangeMinutes, stepMs: series.step_seconds * 1000 };
}
