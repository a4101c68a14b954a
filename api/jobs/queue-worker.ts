import { setTimeout as wait } from "node:timers/promises";
import { type Loop, startLoop } from "../kernel/start-loop.ts";
import type { QueueName } from "../store/job-queue-options.ts";
import type { JobQueue } from "../store/open-job-queue.ts";
import { SparingTeller } from "./tell-sparingly.ts";

/**
 * What came of one try. `later`: nothing went wrong, but it is too early. `given_up`: trying again is of no use; the job
 * stays to be seen, and somebody may have it tried again all the same.
 */
export type Attempt =
  | { readonly kind: "done" }
  | { readonly kind: "later"; readonly reason: string }
  | { readonly kind: "given_up"; readonly reason: string };

/** A kind of work that is waiting in a queue of its own. */
export interface QueuedWork {
  readonly queue: QueueName;
  /** One sentence for people. */
  readonly purpose: string;
  /** What is logged when a try fails. */
  readonly complaint: string;
  /** How many jobs are done at the same time. */
  readonly atOnceMax: number;
  /**
   * Tries one job. It may have been tried before, and even be tried elsewhere at the same time.
   *
   * @param signal aborts when the try has to end
   * @throws when it failed and has to be tried again
   */
  readonly attempt: (jobId: string, signal: AbortSignal) => Promise<Attempt>;
}

/** How long a queue that had nothing more to give rests. */
const pollMs = 500;
/** The queue takes a job from hands that have not moved for 10 s. */
const keepEveryMs = 3_000;
/** Well within the 60 s after which the queue takes a job from any hands. */
const attemptMaxMs = 30_000;
/** How long the jobs in progress are left to end by themselves when the work is stopped, and then to break off. */
const finishMaxMs = 2_500;
const breakOffMaxMs = 1_000;
/** A process that is asked to end has 7 s for everything. */
const stopMaxMs = 4_500;
const restAfterFailureMs = 500;

/** Takes jobs from one queue and does them, a limited number at once. */
export class QueueWorker {
  readonly #queue: JobQueue;
  readonly #work: QueuedWork;
  readonly #teller: SparingTeller;
  readonly #breakingOff = new AbortController();
  /** The jobs in hand, until the queue knows what came of them. */
  readonly #inHand = new Map<string, Promise<void>>();
  readonly #done: string[] = [];
  #finishing: Promise<void> | null = null;
  /** Whether the queue gave all that was asked for, and so may have more. */
  #mayHaveMore = false;
  #taking: Loop | null = null;
  #keeping: Loop | null = null;
  #attempts = 0;
  #failures = 0;
  #lastAttemptAtMs: number | null = null;
  #lastError: string | null = null;

  /** @param tell is told of the first of failures in a row, and now and then of those that follow */
  constructor(queue: JobQueue, work: QueuedWork, tell: (complaint: string, error: unknown) => void) {
    this.#queue = queue;
    this.#work = work;
    this.#teller = new SparingTeller((error) => tell(work.complaint, error));
  }

  start(): void {
    const failed = (error: unknown) => this.#teller.fail(error);
    this.#taking = startLoop(() => this.#take(), failed);
    this.#keeping = startLoop(() => this.#keep(), failed);
  }

  status() {
    return {
      running: this.#inHand.size,
      attempts: this.#attempts,
      failures: this.#failures,
      lastAttemptAtMs: this.#lastAttemptAtMs,
      lastError: this.#lastError,
      nextTakeAtMs: this.#taking?.status().nextRunAtMs ?? null,
    };
  }

  /** Looks at once whether there are jobs. */
  lookNow(): void {
    this.#taking?.runNow();
  }

  /**
   * Takes no more jobs, lets those in hand end for a while, and then puts back what has not.
   *
   * @returns a promise that is kept within 4.5 s, whatever the jobs and the database do
   */
  async stop(): Promise<void> {
    await within(stopMaxMs, this.#stopInOrder());
    this.#breakingOff.abort();
  }

  async #stopInOrder(): Promise<void> {
    await this.#taking?.stop();
    await within(finishMaxMs, Promise.all(this.#inHand.values()));
    this.#breakingOff.abort();
    await within(breakOffMaxMs, Promise.all(this.#inHand.values()));
    await this.#keeping?.stop();
  }

  /** One look into the queue. @returns how long to rest, in ms */
  async #take(): Promise<number> {
    const free = this.#work.atOnceMax - this.#inHand.size;
    if (!this.#isHalfFree()) return pollMs;
    const ids = await this.#queue.take(this.#work.queue, free);
    this.#mayHaveMore = ids.length === free;
    for (const id of ids) this.#inHand.set(id, this.#handle(id));
    return pollMs;
  }

  async #keep(): Promise<number> {
    if (this.#inHand.size > 0) await this.#queue.keep(this.#work.queue, [...this.#inHand.keys()]);
    return keepEveryMs;
  }

  /** Never fails: a job of which the queue cannot be told comes back by itself. */
  async #handle(id: string): Promise<void> {
    const attempt = await this.#try(id);
    try {
      await this.#putAway(id, attempt);
    } catch (error) {
      this.#teller.fail(error);
    }
    this.#inHand.delete(id);
    if (this.#mayHaveMore && this.#isHalfFree()) this.lookNow();
  }

  async #putAway(id: string, attempt: Attempt): Promise<void> {
    const { queue } = this.#work;
    switch (attempt.kind) {
      case "done":
        return this.#finish(id);
      case "later":
        return this.#queue.giveBack(queue, id, attempt.reason);
      case "given_up":
        this.#failures += 1;
        this.#lastError = attempt.reason;
        return this.#queue.giveUp(queue, id, attempt.reason);
    }
  }

  /** Each look into the queue costs a commit, so it is worth several jobs. */
  #isHalfFree(): boolean {
    return this.#inHand.size <= this.#work.atOnceMax / 2;
  }

  async #try(id: string): Promise<Attempt> {
    this.#attempts += 1;
    this.#lastAttemptAtMs = Date.now();
    const signal = AbortSignal.any([this.#breakingOff.signal, AbortSignal.timeout(attemptMaxMs)]);
    try {
      const attempt = await this.#work.attempt(id, signal);
      this.#lastError = null;
      this.#teller.succeed();
      return attempt;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // A try that is broken off because the work is stopped has not failed.
      if (this.#breakingOff.signal.aborted) return { kind: "later", reason: "The worker was stopped." };
      this.#failures += 1;
      this.#lastError = reason;
      this.#teller.fail(error);
      return { kind: "later", reason };
    }
  }

  /** Tells the queue that a job is done, together with all others that are done by then. */
  async #finish(id: string): Promise<void> {
    this.#done.push(id);
    await this.#finishing;
    const ids = this.#done.splice(0);
    if (ids.length > 0) this.#finishing = this.#finishAll(ids).finally(() => (this.#finishing = null));
    await this.#finishing;
  }

  /** Tries again while the queue cannot be reached, so that what was done is not done again. */
  async #finishAll(ids: readonly string[]): Promise<void> {
    for (;;) {
      try {
        return await this.#queue.finish(this.#work.queue, ids);
      } catch (error) {
        this.#teller.fail(error);
        if (this.#breakingOff.signal.aborted) return;
        await wait(restAfterFailureMs);
      }
    }
  }
}

/** Waits for something, but not for longer than that. */
async function within(limitMs: number, something: Promise<unknown>): Promise<void> {
  const tooLate = new AbortController();
  // Aborting is how the wait ends early, not a failure.
  const limit = wait(limitMs, undefined, { signal: tooLate.signal }).catch(() => {});
  await Promise.race([something, limit]);
  tooLate.abort();
}
