import { useMediaQuery } from "@mantine/hooks";
import { CartesianGrid, XAxis, YAxis } from "recharts";
import { formatAxisValue } from "../format/numbers.ts";
import { formatClock } from "../format/times.ts";
import { chooseTimeTicks, type TimeDomain } from "./time-axis.ts";
import { chooseValueTicks } from "./value-axis.ts";

interface ChartAxesProps {
  readonly domain: TimeDomain;
  readonly rangeMinutes: number;
  /** Where the value axis ends. */
  readonly top: number;
  readonly formatAxis?: ((value: number) => string) | undefined;
  /** Whether the chart is high, so that there is room for more names. */
  readonly isHigh: boolean;
}

const axisLine = { stroke: "var(--line-strong)" };

/** The grid, time below, values on the left. */
export function ChartAxes({ domain, rangeMinutes, top, formatAxis, isHigh }: ChartAxesProps) {
  const isWide = useMediaQuery("(min-width: 40em)", true, { getInitialValueInEffect: false });
  return (
    <>
      <CartesianGrid vertical={false} stroke="var(--grid)" />
      <XAxis
        dataKey="timeMs"
        type="number"
        domain={[domain.fromMs, domain.toMs]}
        allowDataOverflow
        ticks={chooseTimeTicks(domain, rangeMinutes, isWide && isHigh)}
        tickFormatter={formatClock}
        interval={0}
        tickLine={false}
        axisLine={axisLine}
        height={20}
      />
      <YAxis
        domain={[0, top]}
        allowDataOverflow
        ticks={chooseValueTicks(top, isHigh)}
        tickFormatter={formatAxis ?? formatAxisValue}
        interval={0}
        tickLine={false}
        axisLine={false}
        width={46}
      />
    </>
  );
}
