import type { ReactElement } from "react";
import { lookOf, type MarkShape } from "./marks.ts";
import type { MarkKind } from "../../../api/contract/dashboard.ts";

/** The sign of a mark, around the origin, 8 units wide. Its colour comes from its class. */
export function MarkSign({ kind }: { readonly kind: MarkKind }) {
  const { shape, tone } = lookOf(kind);
  return <g className={`mark mark--${tone}`}>{drawings[shape]}</g>;
}

/** The sign of a mark, to stand in a line of text. */
export function MarkGlyph({ kind }: { readonly kind: MarkKind }) {
  return (
    <svg className="mark-glyph" viewBox="-6 -6 12 12" width="12" height="12" aria-hidden="true">
      <MarkSign kind={kind} />
    </svg>
  );
}

const drawings: Readonly<Record<MarkShape, ReactElement>> = {
  diamond: <path className="mark__filled" d="M0-4.6 4.6 0 0 4.6-4.6 0Z" />,
  cross: <path className="mark__stroked" d="M-3.4-3.4 3.4 3.4M3.4-3.4-3.4 3.4" />,
  bars: <path className="mark__stroked" d="M-2.2-3.6V3.6M2.2-3.6V3.6" />,
  triangle: <path className="mark__filled" d="M-3.2-4.2 4.4 0-3.2 4.2Z" />,
  circle: <circle className="mark__filled" r="3.8" />,
};
