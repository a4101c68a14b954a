import { IconCpuOff } from "@tabler/icons-react";
import type { WorkerEntry, Workers } from "../../../api/contract/dashboard-lists.ts";
import { countOf, formatBytes, formatCount, formatMeasure } from "../../shared/format/numbers.ts";
import { useLatest, usePolled } from "../../shared/polling/use-polled.ts";
import { overviewQuery } from "../../shared/queries/overview-query.ts";
import { Loaded } from "../../shared/states/loaded.tsx";
import { Message } from "../../shared/states/message.tsx";
import { thresholds, toneOf } from "../../shared/thresholds.ts";
import { Age } from "../../shared/ui/age.tsx";
import { type Column, DataTable } from "../../shared/ui/data-table.tsx";
import { Figure } from "../../shared/ui/figure.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { ToneWord } from "../../shared/ui/tone-word.tsx";
import { BackOffNotice } from "./back-off-notice.tsx";
import { WorkerState } from "./worker-state.tsx";
import { workersQuery } from "./workers-query.ts";

const skeletonPx = 320;

const columns: readonly Column<WorkerEntry>[] = [
  { title: "Worker", show: (worker) => <WorkerName worker={worker} /> },
  { title: "State", show: ({ state }) => <WorkerState state={state} /> },
  { title: "pid", isNumber: true, show: ({ pid }) => <span className="figure">{pid}</span> },
  { title: "Age", isNumber: true, show: ({ started_at: at }) => <Age since={at} /> },
  { title: "Requests", unit: "/s", isNumber: true, show: ({ rps }) => <Figure text={formatMeasure(rps)} /> },
  {
    title: "Requests",
    unit: "in all",
    isNumber: true,
    show: ({ requests_total: all }) => <Figure text={formatCount(all)} />,
  },
  {
    title: "CPU",
    unit: "% of a core",
    isNumber: true,
    show: ({ cpu_percent: cpu }) => <Figure text={formatMeasure(cpu)} />,
  },
  {
    title: "Memory",
    isNumber: true,
    show: ({ memory_bytes: bytes }) => <Figure text={formatBytes(bytes)} />,
  },
  {
    title: "Event-loop lag",
    unit: "p99, ms",
    isNumber: true,
    show: ({ event_loop_lag_ms: lag }) => <Lag lag={lag} />,
  },
  { title: "Restarts", isNumber: true, show: ({ restarts }) => <Figure text={formatCount(restarts)} /> },
];

/** The processes of this machine, one by one. */
export default function WorkersPage() {
  const query = usePolled(workersQuery);
  return (
    <Page title="Workers" summary={query.data === undefined ? undefined : summarise(query.data)}>
      <Loaded query={query} everyMs={workersQuery.everyMs} what="Workers" skeletonPx={skeletonPx}>
        {(workers) => (
          <div className="stack">
            <BackOffNotice backOff={workers.back_off} />
            {workers.data.length === 0 ? (
              <NoWorkers />
            ) : (
              <DataTable
                caption="Workers of this machine"
                columns={columns}
                rows={workers.data}
                keyOf={({ id }) => id}
              />
            )}
            <Totals workers={workers} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function summarise({ live, wanted, min, max }: Workers): string {
  return `${live} live of ${wanted} wanted; may be ${min} to ${max}`;
}

function NoWorkers() {
  const { data } = useLatest(overviewQuery);
  return (
    <Message icon={IconCpuOff} tone="critical" title="No worker is alive">
      Nothing is sold by {data?.node ?? "this machine"} until one starts. The supervisor keeps trying; the
      errors tell why they end.
    </Message>
  );
}

function WorkerName({ worker }: { readonly worker: WorkerEntry }) {
  return (
    <>
      Worker {worker.id}
      {worker.does_jobs ? <div className="workers__jobs">also does the jobs</div> : null}
    </>
  );
}

function Lag({ lag }: { readonly lag: number | null }) {
  return (
    <>
      <ToneWord tone={toneOf(lag, thresholds.eventLoopLagMs)} word="High" />{" "}
      <Figure text={formatMeasure(lag)} />
    </>
  );
}

function Totals({ workers }: { readonly workers: Workers }) {
  const { restarts_total: restarts, malformed_messages_total: malformed } = workers;
  return (
    <p className="muted">
      {countOf(restarts, "restart")} after a crash since the supervisor started.{" "}
      {malformed === 0
        ? "Every message between processes was well formed."
        : `${countOf(malformed, "message")} between processes could not be read and ${malformed === 1 ? "was" : "were"} ignored.`}
    </p>
  );
}
