import { afterAll, beforeAll, expect, test } from "vitest";
import { SharedStock } from "../../api/http/streams/shared-stock.ts";
import { stockNewsOf } from "../../api/http/streams/stock-news.ts";
import { createLog } from "../../api/kernel/log.ts";
import { type AssembledServices, assembleServices } from "../../api/worker.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { holdOf, insertEvent } from "../support/open-test-desk.ts";
import { waitFor } from "../support/wait-for.ts";
import { FakeClient, stockOf } from "./fake-client.ts";

let database: TestDatabase;
let worker: AssembledServices;

beforeAll(async () => {
  database = await openTestDatabase();
  worker = await assembleServices({
    connectionString: database.connectionString,
    demo: false,
    log: createLog("silent"),
    // Its supervisor never says anything.
    sharedStock: new SharedStock(() => {}),
  });
});
afterAll(async () => {
  await worker.stop();
  await database.close();
});

test("streams hear of a worker's own commits without anybody else", async () => {
  const eventId = await insertEvent(database, { capacity: 10 });
  const client = new FakeClient(eventId);
  const { stockHub, desk } = worker.services;
  stockHub.add(client.stream, [stockNewsOf(stockOf(eventId), null, 0)], null);
  expect(await desk.submit(holdOf(eventId, "ada"))).toMatchObject({ kind: "held" });
  await waitFor("the hold", () => client.messages.at(-1)?.held === 1);
  expect(client.versions).toEqual([1, 2]);
});
