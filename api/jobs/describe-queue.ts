import type { JobStatus } from "../kernel/worker-report.ts";
import type { JobCounts, TroubledJob } from "../store/durable-jobs.ts";
import type { QueuedWork, QueueWorker } from "./queue-worker.ts";

const textMax = 200;

/** Tells how a queue is doing, and its worker in this process. */
export function describeQueue(
  { queue, purpose }: QueuedWork,
  worker: QueueWorker,
  { counts, troubled }: { readonly counts: JobCounts; readonly troubled: readonly TroubledJob[] },
): JobStatus {
  const { running, attempts, failures, lastAttemptAtMs, lastError } = worker.status();
  return {
    name: queue,
    purpose,
    state: running > 0 ? "running" : counts.retrying > 0 ? "retrying" : "waiting",
    runs_total: attempts,
    failures_total: failures,
    last_run_at_ms: lastAttemptAtMs,
    last_error: lastError?.slice(0, textMax) ?? null,
    next_run_at_ms: nextTryOf(troubled),
    can_run_now: true,
    figures: {},
    counts: { ...counts },
    troubled: troubled.map((job) => ({
      id: job.id,
      state: job.state,
      attempts: job.attempts,
      created_at_ms: job.createdAtMs,
      next_try_at_ms: job.nextTryAtMs,
      last_error: job.lastError?.slice(0, textMax) ?? null,
    })),
  };
}

function nextTryOf(troubled: readonly TroubledJob[]): number | null {
  const tries = troubled.flatMap(({ nextTryAtMs }) => nextTryAtMs ?? []);
  return tries.length === 0 ? null : Math.min(...tries);
}
