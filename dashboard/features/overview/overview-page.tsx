import { SegmentedControl } from "@mantine/core";
import { useMemo } from "react";
import type { Overview } from "../../../api/contract/dashboard.ts";
import { type ChartData, toChartData } from "../../shared/charts/chart-data.ts";
import { ChartFrame } from "../../shared/charts/chart-frame.tsx";
import { useLatest, usePolled } from "../../shared/polling/use-polled.ts";
import { overviewQuery } from "../../shared/queries/overview-query.ts";
import { Loaded } from "../../shared/states/loaded.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { useUrlParameter } from "../../shared/url-parameter.ts";
import { chartStyles } from "./chart-styles.ts";
import { ErrorFeed } from "./error-feed.tsx";
import { JobsPanel } from "./jobs-panel.tsx";
import { parseRange, ranges, usualRange } from "./ranges.ts";
import { SalesPanel } from "./sales-panel.tsx";
import { SaturationCharts } from "./saturation-charts.tsx";
import { seriesQuery } from "./series-query.ts";
import { TrafficCharts } from "./traffic-charts.tsx";
import { WhatChanged } from "./what-changed.tsx";

const chartsHeightPx = 629;
const salesHeightPx = 357;

/** Whether sales are healthy, what is slow, and what changed. */
export default function OverviewPage() {
  const [rangeText, setRange] = useUrlParameter("range");
  const [view, setView] = useUrlParameter("view");
  const range = parseRange(rangeText);
  const question = seriesQuery(range);
  const overview = useLatest(overviewQuery);
  const series = usePolled(question);
  const data = useMemo(
    () => (series.data === undefined ? null : toChartData(series.data, series.data.minutes, Date.now())),
    [series.data],
  );
  const tools = (
    <>
      <SegmentedControl
        size="xs"
        aria-label="Show as"
        value={view === "tables" ? "tables" : "charts"}
        onChange={(chosen) => setView(chosen === "tables" ? chosen : "")}
        data={[
          { value: "charts", label: "Charts" },
          { value: "tables", label: "Tables" },
        ]}
      />
      <SegmentedControl
        size="xs"
        aria-label="Range"
        value={String(range)}
        onChange={(chosen) => setRange(chosen === String(usualRange) ? "" : chosen)}
        data={ranges.map(({ minutes, word }) => ({ value: String(minutes), label: word }))}
      />
    </>
  );
  return (
    <Page title="Overview" tools={tools}>
      <Loaded
        query={overview}
        everyMs={overviewQuery.everyMs}
        what="The overview"
        skeletonPx={chartsHeightPx + salesHeightPx}
      >
        {(now) => (
          <div className="overview">
            <Loaded query={series} everyMs={question.everyMs} what="The charts" skeletonPx={chartsHeightPx}>
              {() => <Charts overview={now} data={data} asTable={view === "tables"} />}
            </Loaded>
            <div className="charts charts--four">
              <SalesPanel overview={now} />
              <SalesCharts overview={now} data={data} asTable={view === "tables"} />
              <JobsPanel jobs={now.jobs} />
              <ErrorFeed />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

interface ChartsProps {
  readonly overview: Overview;
  readonly data: ChartData | null;
  readonly asTable: boolean;
}

function Charts({ overview, data, asTable }: ChartsProps) {
  if (data === null) return null;
  return (
    <div className="overview">
      <WhatChanged marks={data.marks} />
      <TrafficCharts overview={overview} data={data} asTable={asTable} />
      <SaturationCharts overview={overview} data={data} asTable={asTable} />
    </div>
  );
}

function SalesCharts({ overview, data, asTable }: ChartsProps) {
  if (data === null) return null;
  const { holds_per_second: holds } = overview.sales;
  return (
    <>
      <ChartFrame
        title="Tickets"
        unit="of all events"
        explanation="Sold, held and free tickets always add up to the capacity. Held that falls while free rises means that buyers give up; look at what their checkout tells them."
        style={chartStyles.tickets}
        data={data}
        asTable={asTable}
      />
      <ChartFrame
        title="Holds"
        unit="per second"
        explanation="New holds each second on this machine. Requests that rise while this stays low are refusals: sold out, all held, or paused."
        style={chartStyles.holds}
        data={data}
        now={[holds]}
        asTable={asTable}
      />
    </>
  );
}
