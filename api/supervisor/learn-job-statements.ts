import { JobStatements, type JobStatementTexts } from "../store/job-queue.ts";
import { openDatabase } from "../store/open-database.ts";

/**
 * Learns the job queue's own statements, once for all workers of this machine: these then load the queue's library only
 * where jobs are done, and start sooner.
 *
 * @throws when the database has no job queue, or cannot be reached
 */
export async function learnJobStatements(connectionString: string): Promise<JobStatementTexts> {
  const database = openDatabase({ connectionString, connectionsMax: 1, onLost: () => {} });
  try {
    return (await JobStatements.prepare(database)).texts;
  } finally {
    await database.destroy();
  }
}
