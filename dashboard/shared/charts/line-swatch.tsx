import { type ChartLine, colorVariable } from "./lines.ts";

/** A short piece of a line, to tell which one is which. */
export function LineSwatch({ line }: { readonly line: Pick<ChartLine, "color" | "dash"> }) {
  return (
    <svg className="line-swatch" width="16" height="8" aria-hidden="true">
      <line
        x1="0"
        x2="16"
        y1="4"
        y2="4"
        stroke={colorVariable(line.color)}
        strokeWidth="2.5"
        {...(line.dash === undefined ? {} : { strokeDasharray: line.dash })}
      />
    </svg>
  );
}
