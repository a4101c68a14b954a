import { formatSeconds } from "../format/times.ts";
import { LineSwatch } from "./line-swatch.tsx";
import type { ChartLine, ChartRow } from "./lines.ts";
import { MarkGlyph } from "./mark-glyph.tsx";
import { type ChartMark, marksOfStep } from "./marks.ts";

interface ChartTooltipProps {
  readonly rows: readonly ChartRow[];
  readonly marks: readonly ChartMark[];
  readonly stepMs: number;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number | null) => string;
  /** Set by the chart while the pointer is over one of the charts. */
  readonly active?: boolean;
  readonly label?: string | number;
}

/** The figures of one moment, and what happened then. */
export function ChartTooltip({ rows, marks, stepMs, lines, format, active, label }: ChartTooltipProps) {
  const row = active === true ? rows.find(({ timeMs }) => timeMs === label) : undefined;
  if (row === undefined) return null;
  return (
    <div className="chart-tooltip">
      <div className="chart-tooltip__time">{formatSeconds(row.timeMs)}</div>
      {lines.map((line) => (
        <div key={line.figure} className="chart-tooltip__line">
          <LineSwatch line={line} />
          <span>{line.label}</span>
          <strong>{format(row[line.figure])}</strong>
        </div>
      ))}
      {marksOfStep(marks, row.timeMs, stepMs).map((mark) => (
        <div key={`${mark.at} ${mark.text}`} className="chart-tooltip__mark">
          <MarkGlyph kind={mark.kind} />
          <span>{mark.text}</span>
        </div>
      ))}
    </div>
  );
}
