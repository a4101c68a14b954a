import { IconCircleCheck } from "@tabler/icons-react";
import { Link } from "wouter";
import type { JobEntry, JobQueue } from "../../../api/contract/job-lists.ts";
import { formatCount } from "../../shared/format/numbers.ts";
import { usePolled } from "../../shared/polling/use-polled.ts";
import { Loaded } from "../../shared/states/loaded.tsx";
import { Message } from "../../shared/states/message.tsx";
import { type Column, DataTable } from "../../shared/ui/data-table.tsx";
import { Figure } from "../../shared/ui/figure.tsx";
import { Instant } from "../../shared/ui/instant.tsx";
import { FoldedText } from "./folded-text.tsx";
import { jobStates } from "./job-state.tsx";
import { jobsQuery } from "./jobs-query.ts";
import { RunNowButton } from "./run-now-button.tsx";

const skeletonPx = 360;
const question = jobsQuery("", "");

const columns: readonly Column<JobQueue>[] = [
  { title: "Kind", show: ({ name, purpose }) => <KindName name={name} purpose={purpose} /> },
  ...jobStates.map(({ value, label }): Column<JobQueue> => ({
    title: label,
    isNumber: true,
    show: (queue) => <Count queue={queue} state={value} />,
  })),
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
  { title: "Last error", show: ({ last_error: error }) => <FoldedText text={error} /> },
  { title: "Run", show: (queue) => <RunNowButton queue={queue} /> },
];

/** Every kind of background work. A count leads to the jobs that it counts. */
export function QueuesView() {
  const query = usePolled(question);
  return (
    <Loaded query={query} everyMs={question.everyMs} what="Jobs" skeletonPx={skeletonPx}>
      {({ queues }) =>
        queues.length === 0 ? (
          <Message icon={IconCircleCheck} tone="neutral" title="No kind of work is known yet">
            The worker that does the background work has not reported, and no queue has a job.
          </Message>
        ) : (
          <DataTable
            caption="Kinds of background work"
            columns={columns}
            rows={queues}
            keyOf={({ name }) => name}
          />
        )
      }
    </Loaded>
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

function Count({ queue, state }: { readonly queue: JobQueue; readonly state: JobEntry["state"] }) {
  const count = queue.counts[state];
  const figure = <Figure text={formatCount(count)} />;
  if (count === 0 || !queue.lists_jobs) return figure;
  return (
    <Link
      href={`/jobs?queue=${queue.name}&state=${state}`}
      className={state === "failed" ? "job-kind__failed" : undefined}
      aria-label={`${formatCount(count)} ${state} in ${queue.name}`}
    >
      {figure}
    </Link>
  );
}
