import { IconCircleCheck } from "@tabler/icons-react";
import type { JobEntry, Jobs } from "../../../api/contract/job-lists.ts";
import { formatCount } from "../../shared/format/numbers.ts";
import { usePolled } from "../../shared/polling/use-polled.ts";
import { Loaded } from "../../shared/states/loaded.tsx";
import { Message } from "../../shared/states/message.tsx";
import { type Column, DataTable } from "../../shared/ui/data-table.tsx";
import { Figure } from "../../shared/ui/figure.tsx";
import { Instant } from "../../shared/ui/instant.tsx";
import { Page } from "../../shared/ui/page.tsx";
import { useUrlParameter } from "../../shared/url-parameter.ts";
import { JobState } from "./job-state.tsx";
import { jobsQuery } from "./jobs-query.ts";
import { QueuesTable } from "./queues-table.tsx";
import { StateFilter } from "./state-filter.tsx";

const skeletonPx = 360;
const listedMax = 100;

const columns: readonly Column<JobEntry>[] = [
  { title: "Job", show: ({ id, queue }) => <JobName id={id} queue={queue} /> },
  { title: "State", show: ({ state }) => <JobState state={state} /> },
  { title: "Attempts", isNumber: true, show: ({ attempts }) => <Figure text={formatCount(attempts)} /> },
  { title: "Created", show: ({ created_at: at }) => <Instant at={at} /> },
  { title: "Next try", show: ({ next_try_at: at }) => (at === null ? "None" : <Instant at={at} />) },
  { title: "Last error", show: ({ last_error: error }) => error ?? <span className="muted">None</span> },
];

/** The background work: what runs, what waits, what failed, and why. */
export default function JobsPage() {
  const query = usePolled(jobsQuery);
  return (
    <Page title="Jobs" summary="Background work, on every machine that does any">
      <Loaded query={query} everyMs={jobsQuery.everyMs} what="Jobs" skeletonPx={skeletonPx}>
        {(jobs) => (
          <div className="stack">
            <QueuesTable queues={jobs.queues} />
            <OpenJobs jobs={jobs} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function OpenJobs({ jobs }: { readonly jobs: Jobs }) {
  const [state, setState] = useUrlParameter("state");
  const shown = jobs.data.filter((job) => state === "" || job.state === state);
  return (
    <section aria-labelledby="open-jobs">
      <div className="page__head">
        <h2 id="open-jobs" className="panel__title">
          Not done yet
        </h2>
        <div className="page__tools">
          <StateFilter state={state} onChange={setState} />
        </div>
      </div>
      {shown.length > 0 ? (
        <DataTable
          caption="Jobs that are not done yet"
          columns={columns}
          rows={shown}
          keyOf={({ id, queue }) => `${queue} ${id}`}
        />
      ) : (
        <Message
          icon={IconCircleCheck}
          tone="good"
          title={jobs.data.length === 0 ? "Nothing is open" : "None in this state"}
        >
          {jobs.data.length === 0 ? "Every job that was asked for is done." : undefined}
        </Message>
      )}
      {jobs.data.length >= listedMax ? <p className="muted">The oldest {listedMax} are listed.</p> : null}
    </section>
  );
}

function JobName({ id, queue }: Pick<JobEntry, "id" | "queue">) {
  return (
    <>
      {queue}
      <div className="code muted job-kind__id">{id}</div>
    </>
  );
}
