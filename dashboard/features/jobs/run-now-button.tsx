import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { JobQueue } from "../../../api/contract/job-lists.ts";
import { explain, isForbidden, isUnauthorized } from "../../shared/api/request.ts";
import { formatSeconds } from "../../shared/format/times.ts";
import { runJob } from "./run-job.ts";

/** Asks for a run now, and says what came of asking. */
export function RunNowButton({ queue }: { readonly queue: JobQueue }) {
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: () => runJob(queue.name),
    onSettled: () => client.invalidateQueries({ queryKey: ["jobs"] }),
  });
  if (!queue.can_run_now) return <span className="muted">By itself only</span>;
  return (
    <div className="run-now">
      <Button
        size="compact-xs"
        variant="default"
        loading={run.isPending}
        onClick={() => run.mutate()}
        aria-label={`Run now: ${queue.name}`}
      >
        Run now
      </Button>
      <span role="status" className="run-now__answer">
        {run.isSuccess ? `Asked for at ${formatSeconds(run.submittedAt)}` : null}
        {run.isError ? explainRefusal(run.error) : null}
      </span>
    </div>
  );
}

function explainRefusal(error: unknown): string {
  return isForbidden(error) || isUnauthorized(error)
    ? "An admin key is needed: see Settings, Use a key."
    : explain(error);
}
