import { afterAll, beforeAll, expect, test } from "vitest";
import { makeId } from "../../api/kernel/ids.ts";
import { DeskConnection } from "../../api/store/desk-connection.ts";
import { JobStatements } from "../../api/store/job-queue.ts";
import { openDatabase } from "../../api/store/open-database.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;
let statements: JobStatements;
let connection: DeskConnection;

beforeAll(async () => {
  database = await openTestDatabase();
  const pool = openDatabase({
    connectionString: database.connectionString,
    connectionsMax: 1,
    onLost: () => {},
  });
  statements = await JobStatements.prepare(pool);
  await pool.destroy();
  connection = await DeskConnection.open(database.connectionString, "test desk");
});
afterAll(async () => {
  await connection.close();
  await database.close();
});

const selectJobs = async (id: string) =>
  database.query<{ name: string; state: string; delay_s: number; retry_limit: number; data: unknown }>(
    `select name, state::text, retry_limit, data, round(extract(epoch from start_after - created_on))::int as delay_s
     from pgboss.job where id = $1 order by name`,
    [id],
  );

async function inTransaction(work: () => Promise<void>, ending: "commit" | "rollback"): Promise<void> {
  await connection.command("begin");
  await work();
  await connection.command(ending);
}

test("a job that a transaction adds is there when it is committed, with its delay", async () => {
  const id = makeId();
  const added = statements.insert([
    { queue: "settle-payment", id, startAfterSeconds: 10 },
    { queue: "send-receipt", id, startAfterSeconds: 0 },
  ]);
  expect(added).toHaveLength(2);
  await inTransaction(async () => {
    for (const statement of added) await connection.run(statement);
  }, "commit");
  expect(await selectJobs(id)).toMatchObject([
    { name: "send-receipt", state: "created", delay_s: 0 },
    { name: "settle-payment", state: "created", delay_s: 10 },
  ]);
});

test("a job that a transaction adds is not there when it is rolled back", async () => {
  const id = makeId();
  await inTransaction(async () => {
    for (const statement of statements.insert([{ queue: "refund-payment", id, startAfterSeconds: 0 }]))
      await connection.run(statement);
  }, "rollback");
  expect(await selectJobs(id)).toEqual([]);
});

test("a set of jobs is one statement for each queue, and a job that is there already is left alone", async () => {
  const ids = [makeId(), makeId(), makeId()] as const;
  const add = (startAfterSeconds: number) =>
    statements.insert(ids.map((id) => ({ queue: "settle-payment", id, startAfterSeconds })));
  expect(add(5)).toHaveLength(1);
  for (const statement of [...add(5), ...add(50)]) await connection.run(statement);
  for (const id of ids) expect(await selectJobs(id)).toMatchObject([{ delay_s: 5 }]);
});

test("what a transaction removes is gone from its queue only, done or not", async () => {
  const id = makeId();
  for (const queue of ["settle-payment", "send-receipt"] as const)
    for (const statement of statements.insert([{ queue, id, startAfterSeconds: 10 }]))
      await connection.run(statement);
  const removed = statements.remove([
    { queue: "settle-payment", id },
    { queue: "settle-payment", id: makeId() },
  ]);
  expect(removed).toHaveLength(1);
  for (const statement of removed) await connection.run(statement);
  expect((await selectJobs(id)).map(({ name }) => name)).toEqual(["send-receipt"]);
});

test("no jobs need no statement", () => {
  expect([...statements.insert([]), ...statements.remove([])]).toEqual([]);
});

test("jobs are removed by index, however many there are", async () => {
  const [remove] = statements.remove([{ queue: "settle-payment", id: makeId() }]);
  await connection.command(`prepare removal as ${remove?.text ?? ""}`);
  const plan = await connection.run<{ "QUERY PLAN": string }>({
    name: "explain-removal",
    text: `explain execute removal ('settle-payment', array['${makeId()}']::uuid[])`,
    values: [],
  });
  const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
  expect(text).toContain("Index Scan using job_common_pkey");
  expect(text).not.toContain("Seq Scan on job");
});
