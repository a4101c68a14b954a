import { ReferenceLine } from "recharts";
import { MarkSign } from "./mark-glyph.tsx";
import { type ChartMark, lookOf } from "./marks.ts";

/** How far above the plot a mark's sign is. */
const signAbovePx = 7;

/** Something that happened, as a vertical line with its sign on top. */
export function MarkLine({ mark }: { readonly mark: ChartMark }) {
  const { tone } = lookOf(mark.kind);
  return (
    <ReferenceLine
      x={mark.timeMs}
      className={`mark-line mark-line--${tone}`}
      label={({ viewBox }: { viewBox?: unknown }) => {
        const { x, y } = viewBox as { x: number; y: number };
        return (
          <g transform={`translate(${x} ${y - signAbovePx})`}>
            <MarkSign kind={mark.kind} />
          </g>
        );
      }}
    />
  );
}
