import { Button } from "@mantine/core";
import { Link } from "wouter";
import type { JobEntry, Jobs } from "../../../api/contract/job-lists.ts";
import { formatCount } from "../../shared/format/numbers.ts";
import { formatDuration, formatUtc } from "../../shared/format/times.ts";
import { useNow } from "../../shared/polling/use-now.ts";
import { usePolling } from "../../shared/polling/polling-context.tsx";
import { type Column, DataTable } from "../../shared/ui/data-table.tsx";
import { Figure } from "../../shared/ui/figure.tsx";
import { Instant } from "../../shared/ui/instant.tsx";
import { FoldedText } from "./folded-text.tsx";
import { JobState } from "./job-state.tsx";

interface WorkTableProps {
  readonly jobs: Jobs;
  readonly readAtMs: number;
  /** The job that is just being made due. */
  readonly pending: JobEntry | null;
  readonly onRetry: (job: JobEntry) => void;
  readonly onCancel: (job: JobEntry) => void;
}

/** The jobs, with when each is tried next by the server's clock. */
export function WorkTable({ jobs, readAtMs, pending, onRetry, onCancel }: WorkTableProps) {
  const { isPaused } = usePolling();
  const nowMs = useNow(!isPaused);
  const sinceReadMs = isPaused ? 0 : Math.max(0, nowMs - readAtMs);
  const serverMs = Date.parse(jobs.read_at ?? "") + sinceReadMs;
  const columns: readonly Column<JobEntry>[] = [
    { title: "Job", show: (job) => <JobName job={job} /> },
    { title: "State", show: ({ state }) => <JobState state={state} /> },
    { title: "Attempts", isNumber: true, show: ({ attempts }) => <Figure text={formatCount(attempts)} /> },
    { title: "Created", show: ({ created_at: at }) => <Instant at={at} /> },
    { title: "Next try", show: (job) => <NextTry job={job} serverMs={serverMs} /> },
    { title: "Last error", show: ({ last_error: error }) => <FoldedText text={error} /> },
    {
      title: "Change",
      show: (job) => (
        <div className="work__buttons">
          <Button
            size="compact-xs"
            variant="default"
            disabled={!job.can_retry}
            loading={pending?.id === job.id && pending.queue === job.queue}
            onClick={() => onRetry(job)}
            aria-label={`Retry ${job.queue} ${job.id}`}
          >
            Retry
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            disabled={!job.can_cancel}
            title={job.can_cancel ? undefined : whyNotCancelled(job)}
            onClick={() => onCancel(job)}
            aria-label={`Cancel ${job.queue} ${job.id}`}
          >
            Cancel
          </Button>
        </div>
      ),
    },
  ];
  return (
    <DataTable
      caption="Jobs that are not done yet"
      columns={columns}
      rows={jobs.data}
      keyOf={({ id, queue }) => `${queue} ${id}`}
    />
  );
}

function whyNotCancelled({ queue, state }: JobEntry): string {
  if (queue.endsWith("-payment")) return "Work about money is never left undone";
  return state === "running" ? "Its attempt has to end first" : "It was given up already";
}

function JobName({ job: { queue, id, about } }: { readonly job: JobEntry }) {
  const parameter = about?.kind === "customer" || about?.kind === "event" ? `${about.kind}_id` : null;
  return (
    <>
      {queue}
      {about === null ? null : (
        <div className="work__about">
          {about.text}
          {parameter === null ? null : (
            <>
              {" "}
              <Link href={`/jobs?view=histories&${parameter}=${about.id}`}>History</Link>
            </>
          )}
        </div>
      )}
      <div className="code muted job-kind__id">{id}</div>
    </>
  );
}

function NextTry({ job, serverMs }: { readonly job: JobEntry; readonly serverMs: number }) {
  if (job.state === "running") return "Now";
  if (job.next_try_at === null) return "None";
  const atMs = Date.parse(job.next_try_at);
  return (
    <time className="figure" dateTime={job.next_try_at} title={formatUtc(atMs)}>
      {atMs - serverMs < 500 ? "Due" : `in ${formatDuration(atMs - serverMs)}`}
    </time>
  );
}
