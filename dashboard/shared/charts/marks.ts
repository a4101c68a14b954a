import type { Mark, MarkKind } from "../../../api/contract/dashboard.ts";
import type { TimeDomain } from "./time-axis.ts";

/** A mark with its time as a number. */
export type ChartMark = Mark & { readonly timeMs: number };

/** More marks than this make a chart unreadable: the newest are drawn, all are listed. */
const drawnMax = 40;

/** What shape a mark has, so that kinds differ without their colour. */
export type MarkShape = "diamond" | "cross" | "bars" | "triangle" | "circle";
type MarkTone = "neutral" | "warning" | "critical" | "good";

export interface MarkLook {
  readonly word: string;
  readonly shape: MarkShape;
  readonly tone: MarkTone;
}

const looks: Readonly<Record<MarkKind, MarkLook>> = {
  scaled: { word: "Scaled", shape: "diamond", tone: "neutral" },
  crashed: { word: "Crashed", shape: "cross", tone: "critical" },
  hung: { word: "Hung", shape: "cross", tone: "critical" },
  crash_loop: { word: "Crash loop", shape: "cross", tone: "critical" },
  paused: { word: "Paused", shape: "bars", tone: "warning" },
  resumed: { word: "Resumed", shape: "triangle", tone: "good" },
  database_down: { word: "Database down", shape: "circle", tone: "critical" },
  database_up: { word: "Database up", shape: "circle", tone: "good" },
  started: { word: "Started", shape: "triangle", tone: "neutral" },
};

/** How a kind of mark looks; a kind that this page does not know yet has a plain look. */
export function lookOf(kind: MarkKind): MarkLook {
  return Object.hasOwn(looks, kind) ? looks[kind] : { word: kind, shape: "diamond", tone: "neutral" };
}

/** Marks with their times as numbers, oldest first. */
export function toChartMarks(marks: readonly Mark[]): ChartMark[] {
  return marks.map((mark) => ({ ...mark, timeMs: Date.parse(mark.at) }));
}

/** The marks that a chart draws. */
export function marksWithin(marks: readonly ChartMark[], { fromMs, toMs }: TimeDomain): ChartMark[] {
  return marks.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs).slice(-drawnMax);
}

/** The marks that belong to a point: those of the step that ends at it. */
export function marksOfStep(marks: readonly ChartMark[], endMs: number, stepMs: number): ChartMark[] {
  return marks.filter(({ timeMs }) => timeMs > endMs - stepMs && timeMs <= endMs);
}
