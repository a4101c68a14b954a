import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import type { PgBoss } from "pg-boss";
import { jobSchema, queueNames, queueOptions } from "./job-queue-options.ts";

/** Held while the queue's schema is looked at and changed, so that services that start together take turns. */
const lockName = "holdfast job queue";
const indexPauseMs = 500;

/**
 * Brings the schema of the durable jobs, which belongs to their library, to the version that this service uses, and
 * makes the queues. Safe when several services start at once.
 *
 * @throws when the database cannot be reached, or does not allow a new schema
 */
export async function migrateJobQueue(connectionString: string): Promise<void> {
  const { PgBoss } = await import("pg-boss");
  const client = new pg.Client({ connectionString, application_name: "holdfast migrations" });
  const errors: Error[] = [];
  client.on("error", (error) => errors.push(error));
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [lockName]);
    const executeSql = (text: string, values?: unknown[]) => client.query(text, values);
    const queue = new PgBoss({
      db: { executeSql },
      schema: jobSchema,
      supervise: false,
      schedule: false,
      bamIntervalSeconds: 10,
    });
    queue.on("error", (error) => errors.push(error));
    try {
      await queue.start();
      for (const name of queueNames) {
        await queue.createQueue(name, queueOptions[name]);
        // A queue that is there already takes over what a newer version says of it.
        await queue.updateQueue(name, queueOptions[name]);
      }
      await waitForIndexes(queue);
    } finally {
      await queue.stop({ graceful: false });
    }
    if (errors[0] !== undefined) throw errors[0];
  } finally {
    // Ends the lock too.
    await client.end();
  }
}

/** A newer version of the library may want other indexes. It builds them in the background, one after another. */
async function waitForIndexes(queue: PgBoss): Promise<void> {
  const isBuilding = (status: string) => status === "pending" || status === "in_progress";
  while ((await queue.getBamStatus()).some(({ status }) => isBuilding(status))) await wait(indexPauseMs);
}
