import { afterAll, beforeAll, expect, test } from "vitest";
import { Gate } from "../../api/desk/gate.ts";
import { refreshGate } from "../../api/jobs/refresh-gate.ts";
import { DatabaseClock } from "../../api/kernel/clock.ts";
import { selectEvent } from "../../api/store/events.ts";
import { type Database, openDatabase } from "../../api/store/open-database.ts";
import { holdOf, insertEvent, openTestDesk } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await openTestDatabase();
  database = openDatabase({
    connectionString: testDatabase.connectionString,
    connectionsMax: 1,
    onLost: () => {},
  });
});
afterAll(async () => {
  await database.destroy();
  await testDatabase.close();
});

/** A gate whose time stands still, so that nothing it knows grows old by itself. */
async function openGate(eventId: string) {
  const gate = new Gate(() => 1_000);
  const clock = new DatabaseClock(0, () => 0);
  const event = await selectEvent(database, eventId);
  if (event === null) throw new Error("The event is missing.");
  gate.observe(event, null, event.createdAtMs);
  return { gate, clock, refresh: () => refreshGate({ database, gate, clock }) };
}

test("a refresh tells the gate what others did to an event that it refuses", async () => {
  const eventId = await insertEvent(testDatabase, { capacity: 0 });
  const { gate, clock, refresh } = await openGate(eventId);
  expect(gate.refuse(holdOf(eventId, "ada"))).toEqual({ kind: "sold_out" });
  await refresh();
  expect(gate.refuse(holdOf(eventId, "ada"))).toEqual({ kind: "sold_out" });
  await testDatabase.query(
    "update events set capacity = 1, available = 1, version = version + 1 where id = $1",
    [eventId],
  );
  await refresh();
  expect(gate.refuse(holdOf(eventId, "ada"))).toBeNull();
  expect(clock.nowMs()).toBeGreaterThan(Date.parse("2020-01-01"));
});

test("a refresh learns when the next hold ends", async () => {
  const { desk, hold } = openTestDesk(testDatabase.connectionString);
  const eventId = await insertEvent(testDatabase, { capacity: 2 });
  const { expiresAtMs } = await hold(eventId, "ada");
  await hold(eventId, "bob");
  const { gate, refresh } = await openGate(eventId);
  expect(gate.refuse(holdOf(eventId, "cyd"))).toBeNull();
  await refresh();
  expect(gate.refuse(holdOf(eventId, "cyd"))).toEqual({ kind: "all_held", nextExpiryAtMs: expiresAtMs });
  await desk.stop();
});

test("an event that sells freely is not looked at", async () => {
  const eventId = await insertEvent(testDatabase, { capacity: 1_000 });
  const { gate, clock, refresh } = await openGate(eventId);
  await refresh();
  expect(gate.eventsToPoll()).toEqual([]);
  expect(clock.nowMs()).toBe(0);
});
