import { type QueuedWork, QueueWorker } from "../../api/jobs/queue-worker.ts";
import { makeId } from "../../api/kernel/ids.ts";
import { JobStatements } from "../../api/store/job-queue.ts";
import type { QueueName } from "../../api/store/job-queue-options.ts";
import { type Database, openDatabase } from "../../api/store/open-database.ts";
import { JobQueue } from "../../api/store/open-job-queue.ts";
import { openTestDatabase, type TestDatabase } from "./open-test-database.ts";

export interface TestQueue {
  readonly testDatabase: TestDatabase;
  readonly database: Database;
  readonly queue: JobQueue;
  /** What was complained of. */
  readonly complaints: string[];
  /** Adds jobs as a transaction of the desk does. @returns their ids */
  add(queue: QueueName, count?: number, startAfterSeconds?: number): Promise<string[]>;
  /** Starts a worker that does this, stopped with the queue. */
  work(work: Pick<QueuedWork, "attempt"> & Partial<QueuedWork>): QueueWorker;
  /** The states of all jobs, by their ids. */
  readStates(): Promise<Map<string, string>>;
  close(): Promise<void>;
}

/** Opens the job queue of a database of its own. */
export async function openTestQueue(): Promise<TestQueue> {
  const testDatabase = await openTestDatabase();
  const { connectionString, query } = testDatabase;
  const database = openDatabase({ connectionString, connectionsMax: 2, onLost: () => {} });
  const statements = await JobStatements.prepare(database);
  const complaints: string[] = [];
  const tell = (complaint: string, error: unknown) =>
    void complaints.push(`${complaint} ${error instanceof Error ? error.message : ""}`);
  const queue = await JobQueue.open(connectionString, (error) => tell("Lost.", error));
  const workers: QueueWorker[] = [];
  return {
    testDatabase,
    database,
    queue,
    complaints,
    add: async (name, count = 1, startAfterSeconds = 0) => {
      const ids = Array.from({ length: count }, () => makeId());
      for (const { text, values } of statements.insert(
        ids.map((id) => ({ queue: name, id, startAfterSeconds })),
      )) {
        await query(text, values);
      }
      return ids;
    },
    work: (work) => {
      const fallback = {
        queue: "settle-payment",
        purpose: "Test.",
        complaint: "Failed.",
        atOnceMax: 5,
      } as const;
      const worker = new QueueWorker(queue, { ...fallback, ...work }, tell);
      worker.start();
      workers.push(worker);
      return worker;
    },
    readStates: async () => {
      const rows = await query("select id, state::text as state from pgboss.job");
      return new Map(rows.map(({ id, state }) => [String(id), String(state)]));
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await queue.close();
      await database.destroy();
      await testDatabase.close();
    },
  };
}
