import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type RunningJobs, startJobs } from "../../api/jobs/start-jobs.ts";
import { type Database, openDatabase } from "../../api/store/open-database.ts";
import { insertEvent, openTestDesk, type TestDesk } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";

let testDatabase: TestDatabase;
let database: Database;
let tested: TestDesk;
const complaints: string[] = [];

beforeAll(async () => {
  testDatabase = await openTestDatabase();
  const { connectionString } = testDatabase;
  database = openDatabase({ connectionString, connectionsMax: 2, onLost: () => {} });
  tested = openTestDesk(connectionString);
});
afterEach(() => complaints.splice(0));
afterAll(async () => {
  await tested.desk.stop();
  await database.destroy();
  await testDatabase.close();
});

function start(): RunningJobs {
  const { connectionString } = testDatabase;
  return startJobs({ database, desk: tested.desk, connectionString }, (complaint, error) =>
    complaints.push(`${complaint} ${error instanceof Error ? error.message : ""}`),
  );
}

const auditOf = (jobs: RunningJobs) => jobs.status().find(({ name }) => name === "audit-stock");

test("jobs tell what they found, run when asked, and complain of what does not add up", async () => {
  const eventId = await insertEvent(testDatabase, { capacity: 5 });
  await tested.hold(eventId, "ada", 2);
  const jobs = start();
  await waitFor("the first recount", () => auditOf(jobs)?.figures["events"] === 1);
  expect(auditOf(jobs)).toMatchObject({ figures: { oversold: 0, mismatches: 0 }, failures_total: 0 });
  expect(complaints).toEqual([]);
  await testDatabase.query("update reservations set quantity = 3");
  expect(jobs.runNow("audit-stock")).toBe(true);
  await waitFor("the next recount", () => auditOf(jobs)?.figures["mismatches"] === 1);
  expect(complaints).toEqual([
    expect.stringMatching(/does not add up\. Concert \(.*\): 2 held by the counter, 3 by the reservations$/),
  ]);
  expect(jobs.runNow("no-such-job")).toBe(false);
  await testDatabase.query("update reservations set quantity = 2");
  await jobs.stop();
});

test("a recount that waits does not keep its worker from stopping, and that is no failure", async () => {
  const locker = await testDatabase.connect();
  await locker.query("begin; lock table reservations in access exclusive mode");
  const jobs = start();
  await waitFor("the recount to wait", async () => {
    const waiting = await testDatabase.query(
      "select 1 from pg_stat_activity where application_name = 'holdfast audit' and wait_event_type = 'Lock'",
    );
    return waiting.length === 1;
  });
  // Without being cut off it would wait for two minutes.
  await jobs.stop();
  await locker.query("rollback");
  expect(complaints.filter((complaint) => complaint.includes("recounted"))).toEqual([]);
});
