import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireRightStock } from "../support/check-stock.ts";
import { waitUntilBlocked } from "../support/lock-event.ts";
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
  // A rule of the database that only this test has, so that one command of a batch can break it.
  await database.query(`
    create sequence failures_left;
    create function refuse_poison() returns trigger language plpgsql as $$
    begin
      if new.user_id like 'poison%' then
        raise exception using errcode = 'check_violation', constraint = 'no_poison', message = 'poison';
      end if;
      if new.user_id like 'sqlstate %' and nextval('failures_left') <= split_part(new.user_id, ' ', 3)::int then
        raise exception using errcode = split_part(new.user_id, ' ', 2), message = 'as asked';
      end if;
      return new;
    end $$;
    create trigger refuse_poison before insert on reservations for each row execute function refuse_poison()`);
});
afterAll(async () => {
  await testDesk.desk.stop();
  await requireRightStock(database);
  await database.close();
});

const settle = async (commands: readonly Promise<{ kind: string }>[]) =>
  (await Promise.allSettled(commands)).map((result) =>
    result.status === "fulfilled" ? result.value.kind : (result.reason as Error).message,
  );

describe("a command that breaks a rule of the database", () => {
  test("fails alone: its neighbours in the transaction get what they asked for", async () => {
    const { desk, askForHold, hold } = testDesk;
    const eventId = await insertEvent(database, { capacity: 4 });
    const other = await insertEvent(database, { capacity: 1 });
    const [first, second] = [await hold(eventId, "first"), await hold(eventId, "second")];
    const requester = { role: "service" } as const;
    testDesk.occupy();
    const outcomes = await settle([
      askForHold(eventId, "ada"),
      askForHold(eventId, "poison 1"),
      desk.submit({ kind: "confirm", eventId, reservationId: first.id, requester }),
      askForHold(eventId, "poison 2", 20),
      askForHold(other, "poison 3"),
      desk.submit({ kind: "cancel", eventId, reservationId: second.id, requester }),
      askForHold(eventId, "ada"),
      askForHold(eventId, "bob", 2),
      askForHold(eventId, "cyd"),
    ]);
    const failed = "A hold command broke no_poison.";
    expect(outcomes).toEqual([
      "held",
      failed,
      "confirmed",
      "not_enough_left",
      failed,
      "cancelled",
      "duplicate_reservation",
      "held",
      "all_held",
    ]);
    expect(await readStock(database, eventId)).toEqual({ available: 0, held: 3, sold: 1 });
    expect(await readStock(database, other)).toEqual({ available: 1, held: 0, sold: 0 });
  });

  test("leaves no reply under its key, and its neighbours' keys hold", async () => {
    const { desk } = testDesk;
    const eventId = await insertEvent(database, { capacity: 4 });
    const [good, bad] = [claimOf(randomUUID()), claimOf(randomUUID())];
    testDesk.occupy();
    const [held] = await Promise.allSettled([
      desk.submit(holdOf(eventId, "ada"), good),
      desk.submit(holdOf(eventId, "poison"), bad),
    ]);
    expect(held).toMatchObject({ status: "fulfilled", value: { kind: "recorded", replayed: false } });
    const records = await database.query("select key_digest from idempotency_records where event_id = $1", [
      eventId,
    ]);
    expect(records).toEqual([{ key_digest: good.keyDigest }]);
  });

  test("does not keep the holds of others from ending", async () => {
    const eventId = await insertEvent(database, { capacity: 2 });
    const { id } = await testDesk.hold(eventId, "ada", 2);
    await makeOverdue(database, id);
    testDesk.occupy();
    const outcomes = await settle(
      ["poison", "bob", "cyd", "dan"].map((user) => testDesk.askForHold(eventId, user)),
    );
    expect(outcomes).toEqual(["A hold command broke no_poison.", "held", "held", "all_held"]);
  });
});

test("a duplicate that slips in past the lock fails nobody but itself", async () => {
  const eventId = await insertEvent(database, { capacity: 10 });
  const intruder = await database.connect();
  await intruder.query("begin");
  await intruder.query(
    `insert into reservations (event_id, id, user_id, quantity, status, expires_at, created_at)
     values ($1, $2, 'twin', 1, 'held', now() + interval '1 hour', now())`,
    [eventId, randomUUID()],
  );
  testDesk.occupy();
  const commands = settle(["ada", "twin", "bob"].map((user) => testDesk.askForHold(eventId, user)));
  await waitUntilBlocked(database);
  await intruder.query("commit");
  expect(await commands).toEqual(["held", "duplicate_reservation", "held"]);
  // The intruder did not count its own ticket.
  await database.query("update events set available = available - 1, held = held + 1 where id = $1", [
    eventId,
  ]);
  expect(await readStock(database, eventId)).toEqual({ available: 7, held: 3, sold: 0 });
});

describe("a transaction that the database asks to repeat", () => {
  const failTimes = async (sqlstate: string, times: number) => {
    await database.query("alter sequence failures_left restart");
    const eventId = await insertEvent(database, { capacity: 5 });
    testDesk.occupy();
    const outcomes = settle([
      testDesk.askForHold(eventId, `sqlstate ${sqlstate} ${times}`),
      testDesk.askForHold(eventId, "neighbour"),
    ]);
    return { eventId, outcomes: await outcomes };
  };

  test.each(["40001", "40P01"])("is repeated, and its commands are served: %s", async (sqlstate) => {
    const { eventId, outcomes } = await failTimes(sqlstate, 2);
    expect(outcomes).toEqual(["held", "held"]);
    expect(await readStock(database, eventId)).toEqual({ available: 3, held: 2, sold: 0 });
  });

  test("is given up after three tries, without an effect and without blaming the database for long", async () => {
    const { eventId, outcomes } = await failTimes("40001", 1_000);
    expect(outcomes).toEqual(["database_unavailable", "database_unavailable"]);
    expect(await readStock(database, eventId)).toEqual({ available: 5, held: 0, sold: 0 });
    expect((await testDesk.askForHold(eventId, "next")).kind).toBe("held");
  });

  test("is not repeated when the mistake is ours: everyone in it is told", async () => {
    const { eventId, outcomes } = await failTimes("42P01", 1);
    expect(outcomes).toEqual(["as asked", "as asked"]);
    expect((await testDesk.askForHold(eventId, "next")).kind).toBe("held");
  });

  test("is not repeated when the disk is full: everyone is told to come back", async () => {
    const { eventId, outcomes } = await failTimes("53100", 1);
    expect(outcomes).toEqual(["database_unavailable", "database_unavailable"]);
    expect(await readStock(database, eventId)).toEqual({ available: 5, held: 0, sold: 0 });
  });
});
