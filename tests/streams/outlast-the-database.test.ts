import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { DatabaseProxy } from "../support/start-database-proxy.ts";
import { openStream, streamOf } from "./open-stream.ts";

let database: TestDatabase;
let proxy: DatabaseProxy;
let service: TestService;
/** Reaches the database all the time. */
let other: TestService;

beforeAll(async () => {
  database = await openTestDatabase();
  proxy = await DatabaseProxy.start(database.connectionString);
  service = await openTestService({ database, connectionString: proxy.connectionString });
  other = await openTestService({ database });
});
afterAll(async () => {
  await Promise.all([service.close(), other.close()]);
  await proxy.close();
  await database.close();
});

test("streams stay open while the database is away, and catch up when it is back", async () => {
  const event = await service.createEvent();
  const unseen = await service.createEvent();
  const client = await openStream(service.url, streamOf(event.id));
  await client.until("the first message", () => true);
  proxy.set("cut");
  await other.hold(event.id, "ada");
  // What is in memory can be followed even now; what would have to be read cannot.
  const second = await openStream(service.url, streamOf(event.id));
  await second.until("what is in memory", ({ held }) => held === 0);
  const refused = await service.send("get", streamOf(unseen.id));
  expect(refused).toMatchObject({ status: 503, body: { code: "database_unavailable" } });
  expect(client.end).toBeNull();
  proxy.set("pass");
  for (const each of [client, second]) {
    await each.until("the hold", ({ held }) => held === 1);
    expect(each.end).toBeNull();
    each.close();
  }
});
