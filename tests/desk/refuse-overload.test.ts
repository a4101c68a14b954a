import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../api/http/create-app.ts";
import { lockEvent, waitUntilBlocked } from "../support/lock-event.ts";
import { openTestDesk } from "../support/open-test-desk.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import supertest from "supertest";

let service: TestService;

beforeAll(async () => {
  service = await openTestService();
});
afterAll(() => service.close());

describe("a desk with as many commands in line as it takes", () => {
  test("refuses the next at once, with a time to come back, and serves those in line", async () => {
    const { desk } = openTestDesk(service.database.connectionString, { queueMax: 5 });
    const app = supertest(createApp({ ...service.services, desk }));
    const event = await service.createEvent({ capacity: 100 });
    const ask = (userId: string) =>
      app
        .post(`/v1/events/${event.id}/reservations`)
        .set("authorization", `Bearer ${service.keys.service}`)
        .send({ user_id: userId })
        .then((response) => response);
    const release = await lockEvent(service.database, event.id);
    const first = ask("first");
    await waitUntilBlocked(service.database);
    const answers = Array.from({ length: 30 }, (_, index) => ask(`user ${index}`));
    const refused = await Promise.any(answers);
    expect(refused).toMatchObject({
      status: 503,
      body: { code: "overloaded" },
      headers: { "retry-after": "1" },
    });
    await release();
    expect((await first).status).toBe(201);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    const held = statuses.filter((status) => status === 201).length;
    expect(held).toBeGreaterThanOrEqual(4);
    expect(statuses.filter((status) => status === 503)).toHaveLength(30 - held);
    expect(await service.readEvent(event.id)).toMatchObject({ held: held + 1 });
    await desk.stop();
  });

  test("refuses commands that have waited too long while it was busy", async () => {
    const { desk, askForHold } = openTestDesk(service.database.connectionString, { waitMaxMs: -1 });
    const event = await service.createEvent();
    expect(await askForHold(event.id, "ada")).toEqual({ kind: "overloaded" });
    await desk.stop();
    expect(await service.readEvent(event.id)).toMatchObject({ held: 0 });
  });
});

describe("a desk whose database cannot be reached", () => {
  test("refuses everyone in line at once, and soon tries again", async () => {
    const nowhere = new URL(service.database.connectionString);
    nowhere.port = "1";
    const { desk, askForHold, troubles } = openTestDesk(nowhere.href, { unavailableMs: 60_000 });
    const event = await service.createEvent();
    const unavailable = { kind: "database_unavailable", effect: "none" };
    const outcomes = await Promise.all(["ada", "bob", "cyd"].map((user) => askForHold(event.id, user)));
    expect(outcomes).toEqual([unavailable, unavailable, unavailable]);
    expect(troubles).toHaveLength(1);
    expect(await askForHold(event.id, "dan")).toEqual(unavailable);
    expect(
      await desk.submitBackground({ kind: "expire", eventId: event.id, reservationId: event.id }),
    ).toEqual(unavailable);
    expect(troubles).toHaveLength(1);
    await desk.stop();
  });

  test("is told so by the server: a database that is gone, a password that is wrong", async () => {
    const gone = new URL(service.database.connectionString);
    gone.pathname = "/no_such_database";
    const { desk, askForHold } = openTestDesk(gone.href);
    expect(await askForHold("00000000-0000-7000-8000-000000000000", "ada")).toMatchObject({
      kind: "database_unavailable",
    });
    await desk.stop();
  });

  test("loses its connection between two batches and opens another", async () => {
    const { desk, hold } = openTestDesk(service.database.connectionString);
    const event = await service.createEvent();
    await hold(event.id, "ada");
    const killed = await service.database.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and application_name = 'holdfast desk'`,
    );
    expect(killed.length).toBeGreaterThanOrEqual(1);
    await expect
      .poll(() => desk.submit({ kind: "hold", eventId: event.id, userId: "bob", quantity: 1 }))
      .toMatchObject({
        kind: "held",
      });
    await desk.stop();
  });
});
