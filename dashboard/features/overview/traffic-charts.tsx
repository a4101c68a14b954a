import type { Overview } from "../../../api/contract/dashboard.ts";
import type { ChartData } from "../../shared/charts/chart-data.ts";
import { ChartFrame } from "../../shared/charts/chart-frame.tsx";
import { formatPercent } from "../../shared/format/numbers.ts";
import { thresholds, toneOfAlerts, worstOf } from "../../shared/thresholds.ts";
import { useTone } from "../../shared/use-tone.ts";
import { chartStyles } from "./chart-styles.ts";

export interface ChartsProps {
  readonly overview: Overview;
  readonly data: ChartData;
  readonly asTable: boolean;
}

/** What is asked of the service, and how long it takes. */
export function TrafficCharts({ overview, data, asTable }: ChartsProps) {
  const { rps, refused_rps: refused, error_rps: errors, latency_ms: latency, firing } = overview;
  const errorTone = useTone(overview.error_percent, thresholds.errorPercent);
  const tone = worstOf(errorTone, toneOfAlerts(firing, ["ErrorBudgetBurn"]));
  return (
    <div className="charts charts--two">
      <ChartFrame
        title="Requests"
        unit="per second"
        explanation="What this machine answers each second. Refusals are 4xx answers: a sold-out 409 is the service at work, not a fault. Errors are 5xx answers; they should be zero. At 1.44 % the error budget of 99.9 % is gone within two days."
        style={chartStyles.requests}
        data={data}
        now={[rps, refused, errors]}
        tone={tone}
        toneWord={`${formatPercent(overview.error_percent)} errors`}
        detail={`${formatPercent(overview.error_percent)} errors`}
        asTable={asTable}
      />
      <ChartFrame
        title="Latency"
        unit="of answers, ms"
        explanation="How long answers take: half are faster than p50, 95 of 100 faster than p95, 99 of 100 faster than p99. When p99 rises alone, look for a lock or a full pool; when p50 rises too, the machine is full."
        style={chartStyles.latency}
        data={data}
        now={[latency.p50, latency.p95, latency.p99]}
        asTable={asTable}
      />
    </div>
  );
}
