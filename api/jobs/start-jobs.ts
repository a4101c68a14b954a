import type { Desk } from "../desk/desk.ts";
import { type Loop, startLoop } from "../kernel/start-loop.ts";
import type { JobStatus } from "../kernel/worker-report.ts";
import { type Database, openDatabase } from "../store/open-database.ts";
import { auditStockJob, auditStockOnce } from "./audit-stock.ts";
import { deleteOldRecordsOnce } from "./delete-old-records.ts";
import { Sweeper } from "./sweep-overdue-holds.ts";

export interface JobContext {
  readonly database: Database;
  readonly desk: Desk;
  /** For work that has connections of its own. */
  readonly connectionString: string;
}

/** What a round came to, for jobs that find something out. */
interface Round {
  /** How long to wait before the next, in ms. */
  readonly pauseMs: number;
  readonly figures: Readonly<Record<string, number>>;
  /** What people should look at; null when nothing is wrong. */
  readonly trouble: Error | null;
}

/** A kind of background work that one worker of each machine does. */
interface Job {
  readonly name: string;
  /** One sentence for people. */
  readonly purpose: string;
  /**
   * Does one round.
   *
   * @param context.signal aborts when the job is stopped; a round that can take long heeds it
   * @returns how many milliseconds to wait before the next, or that with what the round found
   */
  readonly runOnce: (context: JobContext & { readonly signal: AbortSignal }) => Promise<number | Round>;
  /** What is logged when a round fails or finds something wrong. */
  readonly complaint: string;
}

const sweepComplaint = "Overdue holds could not be swept; trying again.";

const listJobs = (sweeper: Sweeper): Job[] => [
  {
    name: "sweep-overdue-holds",
    purpose: "Returns the stock of holds whose deadline has passed.",
    runOnce: () => sweeper.sweepOnce(),
    complaint: sweepComplaint,
  },
  {
    name: "delete-old-records",
    purpose:
      "Deletes idempotency records that nobody may rely on any more, and the messages of old webhooks.",
    runOnce: deleteOldRecordsOnce,
    complaint: "Old records could not be deleted; trying again.",
  },
  {
    name: auditStockJob,
    purpose: "Compares every event's counters with its reservations, and orders with what was sold for them.",
    runOnce: auditStockOnce,
    complaint: "The stock could not be recounted, or does not add up.",
  },
];

/** The background work of a machine while it is going on. */
export interface RunningJobs {
  status(): JobStatus[];
  /** Starts a job's next round at once. @returns false for a name that no job has */
  runNow(name: string): boolean;
  /** Resolves when every round in progress has ended. */
  stop(): Promise<void>;
}

/**
 * Starts all background work. Doing it in several processes at once does no harm, and doing it nowhere costs freshness
 * only: deadlines are judged wherever a hold is used.
 */
export function startJobs(
  context: JobContext,
  onFailure: (complaint: string, error: unknown) => void,
): RunningJobs {
  const stopping = new AbortController();
  // So that the sweeper need not stand in line behind the reads of buyers.
  const database = openDatabase({
    connectionString: context.connectionString,
    connectionsMax: 1,
    onLost: (error) => onFailure("The sweeper's connection was lost.", error),
    byIndex: true,
  });
  const sweeper = new Sweeper({ database, desk: context.desk });
  const running = new Map<string, RunningJob>();
  for (const job of listJobs(sweeper)) {
    running.set(job.name, startJob(job, { ...context, signal: stopping.signal }, onFailure));
  }
  return {
    status: () => [...running.values()].map(describeJob),
    runNow: (name) => {
      const found = running.get(name);
      found?.loop.runNow();
      return found !== undefined;
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([...running.values()].map(({ loop }) => loop.stop()));
      await sweeper.settle().catch((error: unknown) => onFailure(sweepComplaint, error));
      await database.destroy();
    },
  };
}

interface RunningJob {
  readonly job: Job;
  readonly loop: Loop;
  /** What the last round found. */
  readonly readFigures: () => Readonly<Record<string, number>>;
}

function startJob(
  job: Job,
  context: JobContext & { readonly signal: AbortSignal },
  onFailure: (complaint: string, error: unknown) => void,
): RunningJob {
  let figures: Readonly<Record<string, number>> = {};
  const runOnce = async () => {
    const round = await job.runOnce(context);
    if (typeof round === "number") return round;
    figures = round.figures;
    if (round.trouble !== null) onFailure(job.complaint, round.trouble);
    return round.pauseMs;
  };
  const loop = startLoop(runOnce, (error) => {
    // A round that is cut off because the job is stopped has not failed.
    if (!context.signal.aborted) onFailure(job.complaint, error);
  });
  return { job, loop, readFigures: () => figures };
}

function describeJob({ job: { name, purpose }, loop, readFigures }: RunningJob): JobStatus {
  const { state, runs, failures, lastRunAtMs, lastError, nextRunAtMs } = loop.status();
  return {
    name,
    purpose,
    state,
    runs_total: runs,
    failures_total: failures,
    last_run_at_ms: lastRunAtMs,
    last_error: lastError?.slice(0, 200) ?? null,
    next_run_at_ms: nextRunAtMs === null ? null : Math.round(nextRunAtMs),
    can_run_now: true,
    figures: { ...readFigures() },
  };
}
