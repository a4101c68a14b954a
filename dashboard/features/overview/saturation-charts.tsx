import { useMemo } from "react";
import { ChartFrame } from "../../shared/charts/chart-frame.tsx";
import { formatBytes, formatCount, formatMeasure } from "../../shared/format/numbers.ts";
import { percentOf, thresholds, toneOfAlerts, worstOf } from "../../shared/thresholds.ts";
import { useTone } from "../../shared/use-tone.ts";
import { chartStyles } from "./chart-styles.ts";
import { LinesPanel } from "./lines-panel.tsx";
import type { ChartsProps } from "./traffic-charts.tsx";

const cpuLimits = [{ at: thresholds.cpuPercent.warnsAt, label: "80 %" }];
const lagLimits = [{ at: thresholds.eventLoopLagMs.warnsAt, label: "100 ms" }];

/** What is nearly full: workers, processors, memory, and the ways to the database. */
export function SaturationCharts(props: ChartsProps) {
  return (
    <div className="charts charts--four">
      <WorkersChart {...props} />
      <CpuChart {...props} />
      <MemoryChart {...props} />
      <LagChart {...props} />
      <PoolChart {...props} />
      <ConnectionsChart {...props} />
      <DatabaseLatencyChart {...props} />
      <LinesPanel overview={props.overview} />
    </div>
  );
}

function WorkersChart({ overview, data, asTable }: ChartsProps) {
  const { live, wanted, min, max } = overview.workers;
  const count = live === 0 ? "critical" : live < wanted ? "warning" : "calm";
  const alerts = toneOfAlerts(overview.firing, ["NoLiveWorkers", "WorkersCrashLooping", "ScaledToMax"]);
  return (
    <ChartFrame
      title="Workers"
      unit="processes"
      explanation="Processes that answer requests, and how many the scaling wants, from requests per second for each worker and event-loop lag. Fewer live than wanted for more than a few seconds means that workers do not start."
      style={chartStyles.workers}
      data={data}
      now={[live, wanted]}
      tone={worstOf(count, alerts)}
      toneWord={live === 0 ? "None live" : live < wanted ? "Too few" : "At the limit"}
      detail={`min ${min}, max ${max}`}
      top={Math.max(max, 2)}
      asTable={asTable}
    />
  );
}

function CpuChart({ overview, data, asTable }: ChartsProps) {
  const tone = useTone(overview.cpu_percent, thresholds.cpuPercent);
  return (
    <ChartFrame
      title="CPU"
      unit="% of all cores"
      explanation="How busy all cores of this machine are. Above 80 % for 10 minutes an alert fires: there is no room left for a peak."
      style={chartStyles.cpu}
      data={data}
      now={[overview.cpu_percent]}
      tone={worstOf(tone, toneOfAlerts(overview.firing, ["CpuHigh"]))}
      toneWord="Above 80 %"
      detail={`of ${overview.cores} ${overview.cores === 1 ? "core" : "cores"}`}
      top={100}
      limits={cpuLimits}
      asTable={asTable}
    />
  );
}

function MemoryChart({ overview, data, asTable }: ChartsProps) {
  const { memory_bytes: used, memory_total_bytes: total } = overview;
  const percent = percentOf(used, total);
  return (
    <ChartFrame
      title="Memory"
      unit="resident, MiB"
      explanation="What all processes of this service on this machine have in memory. It grows with each worker; growth at a steady number of workers is a leak."
      style={chartStyles.memory}
      data={data}
      now={[used]}
      tone={useTone(percent, thresholds.memoryPercent)}
      toneWord="Nearly full"
      detail={`${formatMeasure(percent)} % of ${formatBytes(total)}`}
      asTable={asTable}
    />
  );
}

function LagChart({ overview, data, asTable }: ChartsProps) {
  const tone = useTone(overview.event_loop_lag_ms, thresholds.eventLoopLagMs);
  return (
    <ChartFrame
      title="Event-loop lag"
      unit="p99, ms"
      explanation="How late the worst worker comes to what is due, in 99 of 100 cases. Above 100 ms every request waits that long: the worker has too much to compute, or a synchronous call blocks it."
      style={chartStyles.eventLoopLag}
      data={data}
      now={[overview.event_loop_lag_ms]}
      tone={worstOf(tone, toneOfAlerts(overview.firing, ["EventLoopLagHigh"]))}
      toneWord="Above 100 ms"
      limits={lagLimits}
      asTable={asTable}
    />
  );
}

function PoolChart({ overview, data, asTable }: ChartsProps) {
  const { connections, max, waiting } = overview.pool;
  return (
    <ChartFrame
      title="Pool waiting"
      unit="callers"
      explanation="Callers that wait for a connection of the pool. A few in a peak are normal; a line that stays means that the database is slower than what is asked of it."
      style={chartStyles.poolWaiting}
      data={data}
      now={[waiting]}
      detail={`${connections} of ${max} open`}
      asTable={asTable}
    />
  );
}

function ConnectionsChart({ overview, data, asTable }: ChartsProps) {
  const { connections, max_connections: max } = overview.database;
  const { warnsAt } = thresholds.connectionsPercent;
  const tone = useTone(percentOf(connections, max), thresholds.connectionsPercent);
  const limits = useMemo(() => {
    if (max === null) return [];
    return [{ at: (max * warnsAt) / 100, label: `${warnsAt} %` }];
  }, [max, warnsAt]);
  return (
    <ChartFrame
      title="Database connections"
      unit="open"
      explanation="Connections to the database server, from everyone. Warns at 80 % of what the server allows, is critical at 90 %: at 100 % nobody can connect, not even you."
      style={chartStyles.connections}
      data={data}
      now={[connections]}
      tone={worstOf(tone, toneOfAlerts(overview.firing, ["ConnectionsHigh"]))}
      toneWord={tone === "critical" ? "Above 90 %" : "Above 80 %"}
      detail={max === null ? "limit not known" : `of ${formatCount(max)}`}
      top={max ?? undefined}
      limits={limits}
      asTable={asTable}
    />
  );
}

function DatabaseLatencyChart({ overview, data, asTable }: ChartsProps) {
  const { up, latency_ms: latency, longest_query_seconds: longest } = overview.database;
  const tone = useTone(longest, thresholds.longestQuerySeconds);
  return (
    <ChartFrame
      title="Database latency"
      unit="round trip, ms"
      explanation="How long the smallest possible question to the database takes, from the supervisor. It is network and load together, and the floor under every request that writes."
      style={chartStyles.databaseLatency}
      data={data}
      now={[latency]}
      tone={up ? tone : "critical"}
      toneWord={up ? "Long query" : "Unreachable"}
      detail={longest === null ? undefined : `longest query ${formatMeasure(longest)} s`}
      asTable={asTable}
    />
  );
}
