import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { DatabaseProxy } from "../support/start-database-proxy.ts";
import { waitUntilSelling } from "../support/wait-until-selling.ts";
import { waitFor } from "../support/wait-for.ts";

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

const holdAgain = (eventId: string, userId: string, idempotencyKey: string) =>
  waitFor("a definite answer", async () => {
    const answer = await service.askForHold(eventId, userId, { idempotencyKey });
    return answer.status !== 503 && answer;
  });

describe("a commit that is not answered", () => {
  test("is read back, and its outcome is the answer: the hold that is on disk", async () => {
    const event = await service.createEvent();
    const lostBefore = proxy.commitsLost;
    proxy.set("lose_commit_answer");
    const held = await service.askForHold(event.id, "ada", { idempotencyKey: "first" });
    expect(proxy.commitsLost).toBe(lostBefore + 1);
    expect(held).toMatchObject({ status: 201, body: { status: "held", user_id: "ada" } });
    const rows = await database.query("select id from reservations where event_id = $1", [event.id]);
    expect(rows).toEqual([{ id: held.body["id"] }]);
    const replay = await service.askForHold(event.id, "ada", { idempotencyKey: "first" });
    expect(replay).toMatchObject({
      status: 201,
      text: held.text,
      headers: { "idempotent-replayed": "true" },
    });
  });

  test("is read back for everyone who shared it", async () => {
    const event = await service.createEvent({ capacity: 30 });
    proxy.set("lose_commit_answer");
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => service.askForHold(event.id, `user ${index}`)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(30);
    const rows = await database.query("select id from reservations where event_id = $1 order by id", [
      event.id,
    ]);
    const acknowledged = answers.filter(({ status }) => status === 201).map(({ body }) => String(body["id"]));
    expect(rows.map(({ id }) => id)).toEqual(acknowledged.sort());
  });

  test("that never reached the database is answered as having had no effect", async () => {
    const event = await service.createEvent();
    proxy.set("lose_commit");
    const refused = await service.askForHold(event.id, "ada", { idempotencyKey: "second" });
    expect(refused).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining("Nothing was done") },
    });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 10, held: 0, version: 1 });
    expect(await holdAgain(event.id, "ada", "second")).toMatchObject({ status: 201 });
  });

  test("and cannot be read back is said to be unknown, and the same key finds it out later", async () => {
    const event = await service.createEvent();
    proxy.set("lose_commit_answer", { afterLoss: "cut" });
    const unknown = await service.askForHold(event.id, "ada", { idempotencyKey: "third" });
    expect(unknown).toMatchObject({
      status: 503,
      body: { code: "database_unavailable", detail: expect.stringContaining("not known") },
    });
    proxy.set("pass");
    const found = await holdAgain(event.id, "ada", "third");
    expect(found).toMatchObject({ status: 201, headers: { "idempotent-replayed": "true" } });
    expect(await service.readEvent(event.id)).toMatchObject({ available: 9, held: 1 });
  });

  describe("of a new event, which does not go by the desk", () => {
    const create = (name: string) =>
      service.send("post", "/v1/events", {
        as: service.keys.admin,
        body: { name, capacity: 1 },
        idempotencyKey: name,
      });
    const eventsNamed = (name: string) => database.query("select id from events where name = $1", [name]);

    test("is read back too, and the same key never makes a second one", async () => {
      proxy.set("lose_commit_answer");
      const first = await create("Made once");
      expect(first.status).toBe(201);
      expect(await eventsNamed("Made once")).toEqual([{ id: first.body["id"] }]);
      const again = await create("Made once");
      expect(again).toMatchObject({ status: 201, text: first.text });
    });

    test("that never arrived is answered as not done, and nothing was", async () => {
      proxy.set("lose_commit");
      const first = await create("Not made");
      expect(first).toMatchObject({ status: 503, body: { code: "database_unavailable" } });
      expect(first.body["detail"]).toContain("Nothing was done");
      expect(await eventsNamed("Not made")).toEqual([]);
      const again = await waitFor("a definite answer", async () => {
        const answer = await create("Not made");
        return answer.status !== 503 && answer;
      });
      expect(again.status).toBe(201);
    });
  });
});
