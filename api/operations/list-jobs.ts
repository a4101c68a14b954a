import type { Overview } from "../contract/dashboard.ts";
import type { JobQueue } from "../contract/job-lists.ts";
import type { JobStatus } from "../kernel/worker-report.ts";

/** The job that compares counters with reservations, and the figures that it reports. */
const auditJob = "audit-stock";
const sweepJob = "sweep-overdue-holds";

/** The queues of jobs about money. */
const paymentQueues: ReadonlySet<string> = new Set(["settle-payment", "refund-payment"]);

/** The kinds of background work as people see them. @param holdsOverdue what waits for the sweep; null when it is not known */
export function listQueues(jobs: readonly JobStatus[], holdsOverdue: number | null): JobQueue[] {
  return jobs.map((job) => presentJob(job, holdsOverdue ?? 0));
}

/** All kinds of work together. */
export function sumJobs(queues: readonly JobQueue[]): Overview["jobs"] {
  const sum = (state: keyof JobQueue["counts"]) =>
    queues.reduce((total, { counts }) => total + counts[state], 0);
  return { waiting: sum("waiting"), retrying: sum("retrying"), failed: sum("failed") };
}

/** What the last recount of the stock found; nulls when there has been none. */
export function readRecount(jobs: readonly JobStatus[]): {
  readonly oversold: number | null;
  readonly mismatches: number | null;
} {
  const figures = jobs.find(({ name }) => name === auditJob)?.figures;
  return { oversold: figures?.["oversold"] ?? null, mismatches: figures?.["mismatches"] ?? null };
}

/** How many payments and refunds were tried in vain and are not done. */
export function countUndonePayments(jobs: readonly JobStatus[]): number {
  return jobs
    .filter(({ name }) => paymentQueues.has(name))
    .reduce((total, { counts }) => total + (counts?.retrying ?? 0) + (counts?.failed ?? 0), 0);
}

function presentJob(job: JobStatus, holdsOverdue: number): JobQueue {
  return {
    name: job.name,
    purpose: job.purpose,
    counts: job.counts ?? {
      waiting: job.name === sweepJob ? holdsOverdue : 0,
      running: job.state === "running" ? 1 : 0,
      retrying: job.state === "retrying" ? 1 : 0,
      failed: 0,
    },
    runs_total: job.runs_total,
    failures_total: job.failures_total,
    last_run_at: instantOrNull(job.last_run_at_ms),
    last_error: job.last_error,
    next_run_at: instantOrNull(job.next_run_at_ms),
    can_run_now: job.can_run_now,
    lists_jobs: false,
  };
}

function instantOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
