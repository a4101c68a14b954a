import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { overviewReply } from "../../api/contract/dashboard.ts";
import { nodesReply } from "../../api/contract/dashboard-lists.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";
import { openTestOperations, type TestOperations } from "./open-test-operations.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const open = (nodeName: string) =>
  openTestOperations({ connectionString: database.connectionString, nodeName });
const statesSeenBy = async (tested: TestOperations) =>
  (await tested.read("/ops/v1/nodes", nodesReply)).data.map(({ name, state }) => `${name} ${state}`);

test("each machine sees the others, and whether they said goodbye", async () => {
  const [first, second] = [await open("a"), await open("b")];
  await waitFor("them to see each other", async () => {
    const [seenByFirst, seenBySecond] = [await statesSeenBy(first), await statesSeenBy(second)];
    return seenByFirst.join() === "a live,b live" && seenBySecond.join() === "b live,a live";
  });
  const { data } = await first.read("/ops/v1/nodes", nodesReply);
  expect(data.map(({ is_this }) => is_this)).toEqual([true, false]);
  expect(data[1]).toMatchObject({ version: "1.2.3", role: "all", workers_live: 1, workers_wanted: 1 });
  await second.close();
  await waitFor("the goodbye to be heard", async () => (await statesSeenBy(first)).includes("b stopped"));
  expect((await first.read("/ops/v1/overview", overviewReply)).firing).toEqual([]);
  await first.close();
});

test("a machine that fell silent is lost, which alerts, and is forgotten after a day", async () => {
  const insertSilent = (name: string, silent: string) =>
    database.query(
      `insert into nodes (id, name, version, role, started_at, seen_at, workers_live, workers_wanted, requests_per_second)
       values ($1, $2, '1', 'all', now() - interval '2 days', now() - $3::interval, 1, 1, 5)`,
      [randomUUID(), name, silent],
    );
  await database.query("delete from nodes");
  await insertSilent("lost", "6 seconds");
  await insertSilent("long lost", "3 hours");
  await insertSilent("forgotten", "25 hours");
  const tested = await open("a");
  await waitFor("the silence to be heard", async () => (await statesSeenBy(tested)).includes("lost lost"));
  await waitFor("old rows to go", async () => (await statesSeenBy(tested)).length === 3);
  const { firing } = await waitFor(
    "the alert",
    async () => {
      const overview = await tested.read("/ops/v1/overview", overviewReply);
      return overview.firing.length > 0 && overview;
    },
    15_000,
  );
  expect(firing).toMatchObject([{ name: "NodeLost", summary: "Nothing has been heard of lost." }]);
  await tested.close();
});
