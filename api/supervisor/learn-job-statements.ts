import type { Log } from "../kernel/log.ts";
import { JobStatements, type JobStatementTexts } from "../store/job-queue.ts";
import { openDatabase } from "../store/open-database.ts";
import { repeatWhileUnavailable } from "./repeat-while-unavailable.ts";

/**
 * Learns the job queue's own statements, once for all workers of this machine: these then load the queue's library only
 * where jobs are done, and start sooner.
 *
 * @throws when the database has no job queue, or stays away
 */
export function learnJobStatements(connectionString: string, log: Log): Promise<JobStatementTexts> {
  return repeatWhileUnavailable(() => readJobStatements(connectionString), {
    onBreak: (error) => log.warn({ err: error }, "The job queue could not be read; trying again."),
  });
}

async function readJobStatements(connectionString: string): Promise<JobStatementTexts> {
  const database = openDatabase({ connectionString, connectionsMax: 1, onLost: () => {} });
  try {
    return (await JobStatements.prepare(database)).texts;
  } finally {
    await database.destroy();
  }
}
