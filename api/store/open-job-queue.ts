import type { PgBoss } from "pg-boss";
import pg from "pg";
import type { QueueName } from "../domain/durable-job.ts";
import { jobSchema } from "./job-queue-options.ts";
import { connectionTimeouts } from "./timeouts.ts";

/** Polls, heartbeats and results are short, so few connections serve them all. */
const connectionsMax = 2;

/** Hands jobs to whoever does them. A job is in one pair of hands at a time, unless those have stopped moving. */
export class JobQueue {
  readonly #library: PgBoss;
  readonly #pool: pg.Pool;

  private constructor(library: PgBoss, pool: pg.Pool) {
    this.#library = library;
    this.#pool = pool;
  }

  /**
   * Connects when first used.
   *
   * @param onLost is told of each connection that breaks, and of what the library complains of on its own
   */
  static async open(connectionString: string, onLost: (error: Error) => void): Promise<JobQueue> {
    // Costs memory, so only processes that do jobs have it.
    const { PgBoss } = await import("pg-boss");
    const pool = new pg.Pool({
      connectionString,
      max: connectionsMax,
      application_name: "holdfast jobs",
      // What a crash of the server takes back here is done once more, and each job bears that. Waiting for the disk at
      // every look into a queue would slow down the sale.
      options: "-c synchronous_commit=off",
      idleTimeoutMillis: 30_000,
      ...connectionTimeouts,
    });
    pool.on("error", onLost);
    pool.on("connect", (client) => client.on("error", onLost));
    const library = new PgBoss({
      db: { executeSql: (text, values) => pool.query(text, values) },
      schema: jobSchema,
      migrate: false,
      // The two below happen when `tidy` is called, and nowhere else.
      supervise: false,
      schedule: false,
      monitorIntervalSeconds: 1,
      maintenanceIntervalSeconds: 600,
      // Rebuilding indexes takes longer than our statements may.
      reindex: false,
      monitorVacuum: false,
    });
    library.on("error", onLost);
    return new JobQueue(library, pool);
  }

  /** Takes jobs that are due, oldest first. @returns their ids, at most `max` */
  async take(queue: QueueName, max: number): Promise<string[]> {
    const jobs = await this.#library.fetch(queue, { batchSize: max });
    return jobs.map(({ id }) => id);
  }

  /** Tells that the hands that hold these jobs still move. It has to be told every 10 seconds. */
  async keep(queue: QueueName, ids: readonly string[]): Promise<void> {
    await this.#library.touch(queue, [...ids]);
  }

  /** Takes jobs that are done out of the queue. What they were about tells that they were done. */
  async finish(queue: QueueName, ids: readonly string[]): Promise<void> {
    await this.#library.deleteJob(queue, [...ids]);
  }

  /** Puts a job back, to be tried again after a pause that grows with its tries. */
  async giveBack(queue: QueueName, id: string, reason: string): Promise<void> {
    await this.#library.fail(queue, id, { message: reason });
  }

  /** Tries a job no more. It stays in the queue, to be seen and perhaps revived. */
  async giveUp(queue: QueueName, id: string, reason: string): Promise<void> {
    await this.#pool.query(
      `update ${jobSchema}.job set retry_limit = retry_count where name = $1 and id = $2`,
      [queue, id],
    );
    await this.#library.fail(queue, id, { message: reason });
  }

  /** Puts back the jobs whose hands have stopped moving. One process at a time does it, however many call. */
  async tidy(): Promise<void> {
    await this.#library.supervise();
  }

  /** Lets jobs that were given up be tried again. */
  async revive(queue: QueueName, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#library.retry(queue, [...ids]);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
