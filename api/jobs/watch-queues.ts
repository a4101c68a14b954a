import { type Loop, startLoop } from "../kernel/start-loop.ts";
import type { JobStatus } from "../kernel/worker-report.ts";
import {
  countJobs,
  hurryRetries,
  type JobCounts,
  selectTroubledJobs,
  type TroubledJob,
} from "../store/durable-jobs.ts";
import type { QueueName } from "../store/job-queue-options.ts";
import type { Database } from "../store/open-database.ts";
import type { JobQueue } from "../store/open-job-queue.ts";

const name = "rescue-jobs";
const tidyEveryMs = 1_000;
const countEveryMs = 2_000;
const troubledMax = 100;

const noJobs: JobCounts = { waiting: 0, running: 0, retrying: 0, failed: 0 };

/** Puts back the jobs of processes that died, and counts what is in the queues. */
export class QueueWatch {
  readonly #database: Database;
  readonly #queue: JobQueue;
  readonly #onFailure: (complaint: string, error: unknown) => void;
  readonly #tidying: Loop;
  readonly #counting: Loop;
  #counts: ReadonlyMap<string, JobCounts> = new Map();
  #troubled: readonly TroubledJob[] = [];

  constructor(
    { database, queue }: { readonly database: Database; readonly queue: JobQueue },
    onFailure: (complaint: string, error: unknown) => void,
  ) {
    this.#database = database;
    this.#queue = queue;
    this.#onFailure = onFailure;
    this.#tidying = startLoop(
      async () => {
        await queue.tidy();
        return tidyEveryMs;
      },
      (error) => onFailure("The job queue could not be looked after; trying again.", error),
    );
    this.#counting = startLoop(
      () => this.#count(),
      (error) => onFailure("The jobs could not be counted; trying again.", error),
    );
  }

  /** What was found last. */
  read(queue: QueueName): { readonly counts: JobCounts; readonly troubled: readonly TroubledJob[] } {
    return {
      counts: this.#counts.get(queue) ?? noJobs,
      troubled: this.#troubled.filter((job) => job.queue === queue),
    };
  }

  /** How the looking after is doing. */
  status(): JobStatus {
    const { state, runs, failures, lastRunAtMs, lastError, nextRunAtMs } = this.#tidying.status();
    return {
      name,
      purpose: "Gives the jobs of a process that died to another.",
      state,
      runs_total: runs,
      failures_total: failures,
      last_run_at_ms: lastRunAtMs,
      last_error: lastError?.slice(0, 200) ?? null,
      next_run_at_ms: nextRunAtMs === null ? null : Math.round(nextRunAtMs),
      can_run_now: true,
      figures: {},
    };
  }

  /** @returns false for another name than that of the looking after */
  runNow(asked: string): boolean {
    if (asked !== name) return false;
    this.#tidying.runNow();
    return true;
  }

  /** Makes what was tried in vain, or given up, due at once. A failure is told, not thrown. */
  async hurry(queue: QueueName): Promise<void> {
    const givenUp = this.read(queue).troubled.filter(({ state }) => state === "failed");
    try {
      await this.#queue.revive(
        queue,
        givenUp.map(({ id }) => id),
      );
      await hurryRetries(this.#database, queue);
      this.#counting.runNow();
    } catch (error) {
      this.#onFailure("The jobs could not be made due.", error);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#tidying.stop(), this.#counting.stop()]);
  }

  async #count(): Promise<number> {
    const counts = await countJobs(this.#database);
    const hasTrouble = [...counts.values()].some(({ retrying, failed }) => retrying + failed > 0);
    this.#troubled = hasTrouble ? await selectTroubledJobs(this.#database, troubledMax) : [];
    this.#counts = counts;
    return countEveryMs;
  }
}
