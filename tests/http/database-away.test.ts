import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { DatabaseProxy, type ProxyMode } from "../support/start-database-proxy.ts";
import { waitUntilSelling } from "../support/wait-until-selling.ts";

const cases: [what: string, mode: ProxyMode][] = [
  ["ends its connections", "cut"],
  ["stops for a while", "stall"],
  ["is cut off by a network that forgets its connections", "forget"],
];

describe.each(cases)("while the database %s", (_what, mode) => {
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let service: TestService;

  beforeAll(async () => {
    database = await openTestDatabase();
    proxy = await DatabaseProxy.start(database.connectionString);
    service = await openTestService({ database, connectionString: proxy.connectionString });
  });
  afterEach(async () => {
    proxy.set("pass");
    await waitUntilSelling(service);
  });
  afterAll(async () => {
    await service.close();
    await proxy.close();
    await database.close();
  });

  test("every call says so and when to come back, and the process stays alive", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    proxy.set(mode);
    const answers = await Promise.all([
      service.askForHold(event.id, "bob"),
      service.askForHold(event.id, "bob", { idempotencyKey: "k" }),
      service.change(id, "confirm"),
      service.send("get", `/v1/events/${event.id}`),
      service.send("get", `/v1/reservations/${id}`, { as: "hf_admin_never-seen-before" }),
      service.send("post", "/v1/events", { as: service.keys.admin, body: { name: "n", capacity: 1 } }),
      service.send("get", "/readyz"),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: { code: "database_unavailable" } });
      expect(answer.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
    }
    expect(await service.send("get", "/livez")).toMatchObject({ status: 200, body: { status: "ok" } });
  });

  test("nothing is lost, and sales go on by themselves when it is back", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    proxy.set(mode);
    expect(await service.askForHold(event.id, "bob", { idempotencyKey: mode })).toMatchObject({
      status: 503,
    });
    proxy.set("pass");
    await waitUntilSelling(service);
    expect(await service.askForHold(event.id, "bob", { idempotencyKey: mode })).toMatchObject({
      status: 201,
    });
    expect(await service.change(id, "confirm")).toMatchObject({ status: 200 });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 8, held: 1, sold: 1 });
  });
});
