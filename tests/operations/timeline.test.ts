import { afterAll, beforeAll, expect, test } from "vitest";
import { timelineReply } from "../../api/contract/dashboard-lists.ts";
import { makeId } from "../../api/kernel/ids.ts";
import { openDatabase } from "../../api/store/open-database.ts";
import { searchActiveReservations, searchEndedReservations } from "../../api/store/search-reservations.ts";
import { insertEvent } from "../support/open-test-desk.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { openTestOperations, type TestOperations } from "./open-test-operations.ts";

let service: TestService;
let tested: TestOperations;

beforeAll(async () => {
  service = await openTestService();
  tested = await openTestOperations({ connectionString: service.database.connectionString });
});
afterAll(async () => {
  await tested.close();
  await service.close();
});

const trace = (query: string) => tested.read(`/ops/v1/reservations?${query}`, timelineReply);

test("tells the whole life of a reservation by its id", async () => {
  const event = await service.createEvent({ name: "Concert" });
  const { id } = await service.hold(event.id, "ada");
  await service.change(id, "extend");
  await service.change(id, "confirm");
  await service.change(id, "cancel");
  const { data, is_complete } = await trace(`id=${id.toUpperCase()}`);
  expect(is_complete).toBe(true);
  expect(data).toMatchObject([{ id, user_id: "ada", event_name: "Concert", status: "cancelled" }]);
  expect(data[0]?.history.map(({ cause }) => cause)).toEqual([
    "requested",
    "extended",
    "confirmed",
    "cancelled_by_service",
  ]);
  const publicly = await service.send("get", `/v1/reservations/${id}`, { as: service.keys.observer });
  expect({ ...data[0], event_name: undefined }).toEqual({ ...publicly.body, event_name: undefined });
});

test("has nothing to tell of an id that no reservation has", async () => {
  const ids = [makeId(), "00000000-0000-7000-8000-000000000001", "ffffffff-ffff-4fff-bfff-ffffffffffff"];
  for (const id of ids) expect(await trace(`id=${id}`)).toEqual({ data: [], is_complete: true });
});

test("finds all reservations of a user, active and ended, newest first", async () => {
  const [first, second, third] = [
    await service.createEvent({ name: "First" }),
    await service.createEvent({ name: "Second" }),
    await service.createEvent({ name: "Third" }),
  ];
  const { id } = await service.hold(first.id, "bob 😀");
  await service.change(id, "cancel");
  await service.hold(third.id, "bob 😀");
  await service.hold(second.id, "bob 😀");
  await service.hold(second.id, "somebody else");
  const { data, is_complete } = await trace(`user_id=${encodeURIComponent("bob 😀")}`);
  expect(is_complete).toBe(true);
  expect(data.map(({ event_name, status }) => `${event_name} ${status}`)).toEqual([
    "Second held",
    "Third held",
    "First cancelled",
  ]);
});

test("asks for one thing at a time", async () => {
  const id = makeId();
  for (const query of ["", `id=${id}&user_id=ada`, "id=1", "user_id=", "name=ada"])
    expect(await tested.send(`/ops/v1/reservations?${query}`)).toMatchObject({ status: 422 });
});

test("finds active reservations without reading those of others", async () => {
  const { database } = service;
  const eventId = await insertEvent(database, { capacity: 20_000 });
  await database.query(
    `insert into reservations (event_id, id, user_id, quantity, status, expires_at, created_at)
     select $1, gen_random_uuid(), 'user ' || number, 1, 'held', now() + interval '1 hour', now()
     from generate_series(1, 20000) as number`,
    [eventId],
  );
  await database.query("update events set available = 0, held = 20000 where id = $1", [eventId]);
  const pool = openDatabase({
    connectionString: database.connectionString,
    connectionsMax: 1,
    onLost: () => {},
  });
  const readBefore = await countRowsRead();
  expect(await searchActiveReservations(pool, "user 777", 50)).toHaveLength(1);
  expect(await searchActiveReservations(pool, "nobody", 50)).toEqual([]);
  // The server tells what a connection has read when the connection ends, at the latest.
  await pool.destroy();
  expect((await countRowsRead()) - readBefore).toBeLessThan(100);

  async function countRowsRead(): Promise<number> {
    const rows = await database.query<{ rows: number }>(
      `select (pg_stat_force_next_flush() is null or true)::int as forced,
         (seq_tup_read + idx_tup_fetch)::int as rows
       from pg_stat_user_tables where relname = 'reservations'`,
    );
    return rows[0]?.rows ?? 0;
  }
});

test("says so when ended reservations are too many to search through", async () => {
  const { database } = service;
  const event = await service.createEvent({ name: "Locked" });
  await service.hold(event.id, "carl");
  // A table that cannot be read in time, whatever the reason.
  const locker = await database.connect();
  const pool = openDatabase({
    connectionString: database.connectionString,
    connectionsMax: 1,
    onLost: () => {},
  });
  expect(await searchEndedReservations(pool, "carl", 50)).toEqual([]);
  await locker.query("begin; lock table reservations in access exclusive mode");
  expect(await searchEndedReservations(pool, "carl", 50)).toBeNull();
  await locker.query("rollback");
  await pool.destroy();
});
