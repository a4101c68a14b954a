import { isDeepStrictEqual } from "node:util";
import { CompiledQuery } from "kysely";
import type { DurableJob, QueueName } from "../domain/durable-job.ts";
import { jobSchema, queueNames } from "./job-queue-options.ts";
import type { Database } from "./open-database.ts";
import type { Statement } from "./statement.ts";

/** Any id: the statements are captured with it and never run. */
const sampleId = "00000000-0000-7000-8000-000000000000";

/** The texts of one queue's statements. */
interface QueueTexts {
  readonly insert: string;
  readonly remove: string;
}

/** The texts of all queues' statements. */
export type JobStatementTexts = Readonly<Record<string, QueueTexts>>;

/**
 * The queue's own statements, for use inside the desk's transactions: a job is there if and only if what it is about was
 * committed.
 */
export class JobStatements {
  readonly #texts: ReadonlyMap<QueueName, QueueTexts>;

  private constructor(texts: ReadonlyMap<QueueName, QueueTexts>) {
    this.#texts = texts;
  }

  /** Learns the statements from the queue's library. @throws when the database has no job queue, or cannot be reached */
  static async prepare(database: Database): Promise<JobStatements> {
    // The library is needed here for a moment only, but costs memory wherever it is imported at the top.
    const { PgBoss } = await import("pg-boss");
    const executeSql = async (text: string, values: unknown[] = []) => ({
      rows: (await database.executeQuery(CompiledQuery.raw(text, values))).rows,
    });
    const queue = new PgBoss({ db: { executeSql }, schema: jobSchema, migrate: false, supervise: false });
    const texts = new Map<QueueName, QueueTexts>();
    for (const name of queueNames) {
      const insert = new Capture([JSON.stringify([{ id: sampleId, startAfter: 0 }])]);
      await queue.insert(name, [{ id: sampleId, startAfter: 0 }], { db: insert });
      const remove = new Capture([name, [sampleId]]);
      await queue.deleteJob(name, sampleId, { db: remove });
      texts.set(name, { insert: insert.text, remove: remove.text });
    }
    return new JobStatements(texts);
  }

  /** The statements as other processes can be told them, which then need neither the library nor the database. */
  get texts(): JobStatementTexts {
    return Object.fromEntries(this.#texts);
  }

  /** @param texts those of another process of the same version @throws when those of a queue are missing */
  static fromTexts(texts: JobStatementTexts): JobStatements {
    const byQueue = new Map<QueueName, QueueTexts>();
    for (const name of queueNames) {
      const found = texts[name];
      if (found === undefined) throw new Error(`There are no statements for the queue ${name}.`);
      byQueue.set(name, found);
    }
    return new JobStatements(byQueue);
  }

  /** Adds jobs, one statement for each queue that gets any. A job whose id its queue has already is left as it is. */
  insert(jobs: readonly DurableJob[]): Statement[] {
    return this.#byQueue(jobs).map(([queue, { insert }, its]) => ({
      name: `insert-jobs-${queue}`,
      text: insert,
      values: [
        JSON.stringify(its.map(({ id, startAfterSeconds }) => ({ id, startAfter: startAfterSeconds }))),
      ],
    }));
  }

  /** Adds jobs in a transaction that does not go by the desk. */
  async enqueue(transaction: Database, jobs: readonly DurableJob[]): Promise<void> {
    for (const { text, values } of this.insert(jobs))
      await transaction.executeQuery(CompiledQuery.raw(text, [...values]));
  }

  /** Takes jobs out, done or not, one statement for each queue. What is not there does no harm. */
  remove(jobs: readonly Pick<DurableJob, "queue" | "id">[]): Statement[] {
    return this.#byQueue(jobs).map(([queue, { remove }, its]) => ({
      name: `remove-jobs-${queue}`,
      text: remove,
      values: [queue, its.map(({ id }) => id)],
    }));
  }

  #byQueue<Job extends { readonly queue: QueueName }>(
    jobs: readonly Job[],
  ): (readonly [QueueName, QueueTexts, readonly Job[]])[] {
    const groups = Map.groupBy(jobs, ({ queue }) => queue);
    return [...this.#texts].flatMap(([queue, texts]) => {
      const its = groups.get(queue);
      return its === undefined ? [] : [[queue, texts, its] as const];
    });
  }
}

/** Stands for a database: keeps the one statement that it is given, and runs nothing. */
class Capture {
  readonly #expected: readonly unknown[];
  #text: string | null = null;

  /** @param expected the values that must come with the statement; others would mean another meaning */
  constructor(expected: readonly unknown[]) {
    this.#expected = expected;
  }

  get text(): string {
    if (this.#text === null) throw new Error("The job queue's library sent no statement.");
    return this.#text;
  }

  async executeSql(text: string, values: unknown[] = []): Promise<{ rows: unknown[] }> {
    if (this.#text !== null || !isDeepStrictEqual(values, this.#expected))
      throw new Error("The job queue's library sent another statement than expected.");
    this.#text = text;
    return { rows: [{ count: "0" }] };
  }
}
