import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireRightStock } from "../support/check-stock.ts";
import { makeOverdue } from "../support/move-deadline.ts";
import {
  claimOf,
  holdOf,
  insertEvent,
  openTestDesk,
  readStock,
  type TestDesk,
} from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;
let testDesk: TestDesk;

beforeAll(async () => {
  database = await openTestDatabase();
  testDesk = openTestDesk(database.connectionString);
});
afterAll(async () => {
  await testDesk.desk.stop();
  await requireRightStock(database);
  await database.close();
});

test("commands that wait together share a transaction", async () => {
  const { reports, occupy, askForHold } = testDesk;
  const eventIds = await Promise.all([5, 5, 5].map((capacity) => insertEvent(database, { capacity })));
  occupy();
  const before = reports.length;
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, (_, index) => askForHold(eventIds[index % 3] ?? "", `user ${index}`)),
  );
  expect(outcomes.filter(({ kind }) => kind === "held")).toHaveLength(15);
  expect(reports.length - before).toBeLessThanOrEqual(2);
  // Each event's row was written once, for all of its ten buyers.
  const versions = await database.query("select version::int from events where id = any($1)", [eventIds]);
  expect(versions).toEqual([{ version: 2 }, { version: 2 }, { version: 2 }]);
});

test("a transaction takes no more commands than it may", async () => {
  const small = openTestDesk(database.connectionString, { batchMax: 7 });
  const eventId = await insertEvent(database, { capacity: 100 });
  await Promise.all(Array.from({ length: 50 }, (_, index) => small.hold(eventId, `user ${index}`)));
  await small.desk.stop();
  expect(Math.max(...small.reports.map(({ outcomes }) => outcomes.length))).toBe(7);
});

test("commands of one batch see each other in the order in which they came", async () => {
  const { desk, occupy, hold } = testDesk;
  const eventId = await insertEvent(database, { capacity: 1 });
  const { id: reservationId } = await hold(eventId, "ada");
  const requester = { role: "service" } as const;
  occupy();
  const outcomes = await Promise.all([
    desk.submit(holdOf(eventId, "bob")),
    desk.submit({ kind: "cancel", eventId, reservationId, requester }),
    desk.submit(holdOf(eventId, "cyd")),
    desk.submit({ kind: "confirm", eventId, reservationId, requester }),
    desk.submit({ kind: "change_event", eventId, change: { capacity: 2 }, actor: "test" }),
    desk.submit(holdOf(eventId, "dan")),
    desk.submit(holdOf(eventId, "cyd")),
  ]);
  expect(outcomes.map(({ kind }) => kind)).toEqual([
    "all_held",
    "cancelled",
    "held",
    "hold_ended",
    "event_changed",
    "held",
    "duplicate_reservation",
  ]);
  expect(await readStock(database, eventId)).toEqual({ available: 0, held: 2, sold: 0 });
});

describe("a hold past its deadline that nobody has swept", () => {
  const requester = { role: "service" } as const;

  test.each(["confirm", "extend"] as const)(
    "cannot be used: %s finds it ended and returns its stock",
    async (kind) => {
      const eventId = await insertEvent(database, { capacity: 3 });
      const { id } = await testDesk.hold(eventId, "ada", 3);
      await makeOverdue(database, id);
      expect(await readStock(database, eventId)).toEqual({ available: 0, held: 3, sold: 0 });
      const outcome = await testDesk.desk.submit({ kind, eventId, reservationId: id, requester });
      expect(outcome).toMatchObject({
        kind: "hold_ended",
        reservation: { status: "expired", cause: "deadline_passed" },
      });
      expect(await readStock(database, eventId)).toEqual({ available: 3, held: 0, sold: 0 });
    },
  );

  test("gives way to the next buyer at once", async () => {
    const eventId = await insertEvent(database, { capacity: 2 });
    const holds = [await testDesk.hold(eventId, "ada"), await testDesk.hold(eventId, "bob")];
    for (const { id } of holds) await makeOverdue(database, id);
    testDesk.occupy();
    const outcomes = await Promise.all(
      ["cyd", "dan", "eve"].map((user) => testDesk.askForHold(eventId, user)),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(["held", "held", "all_held"]);
    const rows = await database.query("select status from reservations where event_id = $1 order by id", [
      eventId,
    ]);
    expect(rows.map(({ status }) => status).sort()).toEqual(["expired", "expired", "held", "held"]);
  });

  test("is not ended by a clock of ours: only the database's time counts", async () => {
    const eventId = await insertEvent(database, { capacity: 1, holdSeconds: 1 });
    const { id, expiresAtMs } = await testDesk.hold(eventId, "ada");
    const [row] = await database.query<{ now: Date }>(
      "select expires_at as now from reservations where id = $1",
      [id],
    );
    expect(row?.now.getTime()).toBe(expiresAtMs);
    await database.query(
      "update reservations set expires_at = expires_at + interval '1 hour' where id = $1",
      [id],
    );
    const outcome = await testDesk.desk.submit({ kind: "expire", eventId, reservationId: id });
    expect(outcome).toEqual({ kind: "not_due" });
  });
});

describe("a key at the desk", () => {
  test("is recorded with its effect and replayed by another desk", async () => {
    const other = openTestDesk(database.connectionString);
    const eventId = await insertEvent(database, { capacity: 5 });
    const claim = claimOf(randomUUID());
    const first = await testDesk.desk.submit(holdOf(eventId, "ada"), claim);
    expect(first).toEqual({ kind: "recorded", reply: { status: 200, body: "held" }, replayed: false });
    const replay = await other.desk.submit(holdOf(eventId, "ada"), claim);
    expect(replay).toMatchObject({ kind: "recorded", reply: { status: 200, body: "held" }, replayed: true });
    const mismatch = await other.desk.submit(holdOf(eventId, "bob"), claimOf(claim.keyDigest, randomUUID()));
    expect(mismatch).toEqual({ kind: "idempotency_mismatch" });
    await other.desk.stop();
    expect(await readStock(database, eventId)).toEqual({ available: 4, held: 1, sold: 0 });
  });

  test("is in progress while its first request is", async () => {
    const eventId = await insertEvent(database, { capacity: 5 });
    const claim = claimOf(randomUUID());
    const [first, second] = await Promise.all([
      testDesk.desk.submit(holdOf(eventId, "ada"), claim),
      testDesk.desk.submit(holdOf(eventId, "ada"), claim),
    ]);
    expect(first).toMatchObject({ kind: "recorded", replayed: false });
    expect(second).toEqual({ kind: "idempotency_in_progress" });
  });

  test("does not record what it could not lock: an event that does not exist", async () => {
    const eventId = randomUUID();
    expect(await testDesk.desk.submit(holdOf(eventId, "ada"), claimOf(randomUUID()))).toEqual({
      kind: "event_not_found",
    });
    expect(await database.query("select 1 from idempotency_records where event_id = $1", [eventId])).toEqual(
      [],
    );
  });
});

test("a desk that is stopping serves what is in line and refuses what comes later", async () => {
  const stopping = openTestDesk(database.connectionString, { batchMax: 5 });
  const eventId = await insertEvent(database, { capacity: 40 });
  const inLine = Array.from({ length: 40 }, (_, index) => stopping.askForHold(eventId, `user ${index}`));
  const stopped = stopping.desk.stop();
  expect(await stopping.askForHold(eventId, "late")).toEqual({ kind: "overloaded" });
  expect(
    await stopping.desk.submitBackground({ kind: "expire", eventId, reservationId: randomUUID() }),
  ).toEqual({
    kind: "overloaded",
  });
  await stopped;
  expect((await Promise.all(inLine)).every(({ kind }) => kind === "held")).toBe(true);
});
