import type { JobQueue } from "../../../api/contract/job-lists.ts";
import { formatCount } from "../../shared/format/numbers.ts";
import { type Column, DataTable } from "../../shared/ui/data-table.tsx";
import { Figure } from "../../shared/ui/figure.tsx";
import { Instant } from "../../shared/ui/instant.tsx";
import { RunNowButton } from "./run-now-button.tsx";

const columns: readonly Column<JobQueue>[] = [
  { title: "Kind", show: ({ name, purpose }) => <KindName name={name} purpose={purpose} /> },
  { title: "Waiting", isNumber: true, show: ({ counts }) => <Figure text={formatCount(counts.waiting)} /> },
  { title: "Running", isNumber: true, show: ({ counts }) => <Figure text={formatCount(counts.running)} /> },
  { title: "Retrying", isNumber: true, show: ({ counts }) => <Figure text={formatCount(counts.retrying)} /> },
  { title: "Failed", isNumber: true, show: ({ counts }) => <Failed count={counts.failed} /> },
  { title: "Runs", isNumber: true, show: ({ runs_total: runs }) => <Figure text={formatCount(runs)} /> },
  {
    title: "Failures",
    isNumber: true,
    show: ({ failures_total: failures }) => <Figure text={formatCount(failures)} />,
  },
  { title: "Last run", show: ({ last_run_at: at }) => (at === null ? "Never" : <Instant at={at} />) },
  {
    title: "Next run",
    show: ({ next_run_at: at }) =>
      at === null ? <span className="figure">On demand</span> : <Instant at={at} />,
  },
  { title: "Last error", show: ({ last_error: error }) => error ?? <span className="muted">None</span> },
  { title: "Run", show: (queue) => <RunNowButton queue={queue} /> },
];

/** Every kind of background work. */
export function QueuesTable({ queues }: { readonly queues: readonly JobQueue[] }) {
  return (
    <DataTable
      caption="Kinds of background work"
      columns={columns}
      rows={queues}
      keyOf={({ name }) => name}
    />
  );
}

function KindName({ name, purpose }: Pick<JobQueue, "name" | "purpose">) {
  return (
    <>
      {name}
      <div className="job-kind__purpose">{purpose}</div>
    </>
  );
}

function Failed({ count }: { readonly count: number }) {
  return (
    <span className={count > 0 ? "job-kind__failed" : undefined}>
      <Figure text={formatCount(count)} />
    </span>
  );
}
