import { memo, useRef } from "react";
import { Line, LineChart, ReferenceLine, Tooltip } from "recharts";
import type { ChartData } from "./chart-data.ts";
import { ChartAxes } from "./chart-axes.tsx";
import { ChartTooltip } from "./chart-tooltip.tsx";
import { type ChartLimit, type ChartLine, colorVariable, countMeasured, highestOf } from "./lines.ts";
import { MarkLine } from "./mark-line.tsx";
import { chooseTop, chooseTopBytes } from "./value-axis.ts";

/** How a chart is drawn, apart from its figures. Kept outside of components, so that it is always the same object. */
export interface ChartStyle {
  readonly lines: readonly ChartLine[];
  readonly format: (value: number | null) => string;
  /** How the value axis is written, when not as plain numbers. */
  readonly formatAxis?: (value: number) => string;
  /** What the value axis shows at least. */
  readonly least: number;
  readonly isBytes?: boolean;
  readonly height: "high" | "low";
}

interface TimeChartProps {
  readonly data: ChartData;
  readonly style: ChartStyle;
  /** Where the value axis ends, when that does not depend on the lines. */
  readonly top?: number | undefined;
  readonly limits?: readonly ChartLimit[] | undefined;
}

const heights = { high: 164, low: 94 };
const margin = { top: 13, right: 20, bottom: 0, left: 0 };
const cursor = { stroke: "var(--line-strong)" };
const wrapperStyle = { zIndex: 20 };
/** A line of so few points could not be seen without dots. */
const dottedBelow = 4;

/** Lines over time. It is drawn again only when its figures change, and never moves by itself. */
export const TimeChart = memo(function TimeChart({
  data,
  style,
  top: fixedTop,
  limits = [],
}: TimeChartProps) {
  const { rows, marks, domain, rangeMinutes, stepMs } = data;
  const { lines, format, formatAxis, least, isBytes, height } = style;
  const previousTop = useRef(0);
  const choose = isBytes === true ? chooseTopBytes : chooseTop;
  const top = fixedTop ?? choose(highestOf(rows, lines) ?? 0, least, previousTop.current);
  previousTop.current = top;
  const hasDots = countMeasured(rows, lines) < dottedBelow;
  return (
    <LineChart
      responsive
      data={rows as ChartData["rows"][number][]}
      style={{ width: "100%", height: heights[height] }}
      margin={margin}
      accessibilityLayer={false}
      syncId="overview"
      syncMethod="value"
      throttleDelay={50}
    >
      <ChartAxes
        domain={domain}
        rangeMinutes={rangeMinutes}
        top={top}
        formatAxis={formatAxis}
        isHigh={height === "high"}
      />
      <Tooltip
        content={<ChartTooltip rows={rows} marks={marks} stepMs={stepMs} lines={lines} format={format} />}
        cursor={cursor}
        isAnimationActive={false}
        wrapperStyle={wrapperStyle}
        allowEscapeViewBox={{ x: false, y: true }}
      />
      {limits
        .filter(({ at }) => at <= top)
        .map(({ at, label }) => (
          <ReferenceLine
            key={label}
            y={at}
            className="limit-line"
            strokeDasharray="2 4"
            label={{
              value: label,
              position: "insideTopLeft",
              offset: 2,
              fontSize: 10,
              fill: "var(--text-muted)",
            }}
          />
        ))}
      {marks.map((mark) => (
        <MarkLine key={`${mark.at} ${mark.kind} ${mark.text}`} mark={mark} />
      ))}
      {lines.map(({ figure, label, color, dash }) => (
        <Line
          key={figure}
          dataKey={figure}
          name={label}
          stroke={colorVariable(color)}
          strokeWidth={1.75}
          {...(dash === undefined ? {} : { strokeDasharray: dash })}
          dot={hasDots ? { r: 2, strokeDasharray: "none" } : false}
          activeDot={{ r: 3, strokeWidth: 0 }}
          isAnimationActive={false}
          type="linear"
        />
      ))}
    </LineChart>
  );
});
