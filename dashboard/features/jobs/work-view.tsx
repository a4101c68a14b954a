import { NativeSelect } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { JobEntry, Jobs } from "../../../api/contract/job-lists.ts";
import { KeyDialog } from "../../shared/access/key-dialog.tsx";
import { Refusal } from "../../shared/access/refusal.tsx";
import { countOf, formatCount } from "../../shared/format/numbers.ts";
import { usePolled } from "../../shared/polling/use-polled.ts";
import { Loaded } from "../../shared/states/loaded.tsx";
import { Message } from "../../shared/states/message.tsx";
import { Instant } from "../../shared/ui/instant.tsx";
import { useUrlParameter } from "../../shared/url-parameter.ts";
import { CancelJobDialog } from "./cancel-job-dialog.tsx";
import { jobStates } from "./job-state.tsx";
import { jobsQuery } from "./jobs-query.ts";
import { steerJob } from "./steer-job.ts";
import { WorkTable } from "./work-table.tsx";

const skeletonPx = 360;

/** Every piece of work that is not done, and what can be done about it. */
export function WorkView() {
  const [state, setState] = useUrlParameter("state");
  const [queue, setQueue] = useUrlParameter("queue");
  const question = jobsQuery(state, queue);
  const query = usePolled(question);
  const queues = query.data?.queues ?? [];
  const names = new Set(queues.flatMap(({ name, lists_jobs }) => (lists_jobs ? [name] : [])));
  if (queue !== "") names.add(queue);
  return (
    <div className="stack">
      <div className="work__tools">
        <NativeSelect
          size="xs"
          aria-label="State"
          value={state}
          onChange={(event) => setState(event.currentTarget.value)}
          data={[{ value: "", label: "Every state" }, ...jobStates]}
        />
        <NativeSelect
          size="xs"
          aria-label="Queue"
          value={queue}
          onChange={(event) => setQueue(event.currentTarget.value)}
          data={[{ value: "", label: "Every queue" }, ...names]}
        />
      </div>
      <Loaded query={query} everyMs={question.everyMs} what="Jobs" skeletonPx={skeletonPx}>
        {(jobs) => (
          <Work jobs={jobs} readAtMs={query.dataUpdatedAt} isFiltered={state !== "" || queue !== ""} />
        )}
      </Loaded>
    </div>
  );
}

interface WorkProps {
  readonly jobs: Jobs;
  /** When the answer came, by this browser's clock. */
  readonly readAtMs: number;
  readonly isFiltered: boolean;
}

function Work({ jobs, readAtMs, isFiltered }: WorkProps) {
  const [cancelling, setCancelling] = useState<JobEntry | null>(null);
  const [told, setTold] = useState("");
  const [isAskingKey, setAskingKey] = useState(false);
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: (job: JobEntry) => steerJob(job, "retry"),
    onMutate: () => setTold(""),
    onSuccess: (_, job) => setTold(`Due at once: ${nameOf(job)}.`),
    onSettled: () => client.invalidateQueries({ queryKey: ["jobs"] }),
  });
  return (
    <div className="aged" data-is-old={!jobs.is_current}>
      {jobs.is_current ? null : <NotCurrent readAt={jobs.read_at} />}
      <p role="status" className={told === "" ? "visually-hidden" : "work__told"}>
        {told}
      </p>
      {retry.error === null ? null : (
        <Refusal
          error={retry.error}
          unsure="It is not known whether it is tried again: look at the list."
          onAskKey={() => setAskingKey(true)}
        />
      )}
      {jobs.data.length > 0 ? (
        <WorkTable
          jobs={jobs}
          readAtMs={readAtMs}
          pending={retry.isPending ? retry.variables : null}
          onRetry={(job) => retry.mutate(job)}
          onCancel={setCancelling}
        />
      ) : jobs.read_at === null ? null : (
        <Message
          icon={IconCircleCheck}
          tone="good"
          title={isFiltered ? "None that the filter lets through" : "Nothing is open"}
        >
          {isFiltered ? undefined : "Every job that was asked for is done."}
        </Message>
      )}
      {jobs.total > jobs.data.length && jobs.data.length > 0 ? (
        <p className="muted work__more">
          The oldest {formatCount(jobs.data.length)} of {countOf(jobs.total, "job")} are listed.
        </p>
      ) : null}
      {cancelling === null ? null : (
        <CancelJobDialog
          job={cancelling}
          onDone={() => setTold(`Cancelled: ${nameOf(cancelling)}.`)}
          onClose={() => setCancelling(null)}
        />
      )}
      {isAskingKey ? <KeyDialog onClose={() => setAskingKey(false)} /> : null}
    </div>
  );
}

function NotCurrent({ readAt }: { readonly readAt: string | null }) {
  return (
    <p className="aged__note">
      <IconAlertTriangle size={14} aria-hidden /> The database cannot be read.{" "}
      {readAt === null ? (
        "The jobs are not known."
      ) : (
        <>
          Shown is what was known at <Instant at={readAt} />.
        </>
      )}
    </p>
  );
}

function nameOf({ about, queue }: JobEntry): string {
  return about === null ? queue : `${queue}, ${about.text}`;
}
