import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { DeskConnection } from "../../api/store/desk-connection.ts";
import { requireRightStock } from "../support/check-stock.ts";
import { insertCustomer, moveTo, nextPhone } from "../support/insert-customer.ts";
import { makeOverdue } from "../support/move-deadline.ts";
import { insertEvent, openTestDesk, readStock, type TestDesk } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";

let database: TestDatabase;
let testDesk: TestDesk;
let otherDesk: TestDesk;

beforeAll(async () => {
  database = await openTestDatabase();
  testDesk = openTestDesk(database.connectionString);
  otherDesk = openTestDesk(database.connectionString);
});
afterEach(() => void vi.restoreAllMocks());
afterAll(async () => {
  await Promise.all([testDesk.desk.stop(), otherDesk.desk.stop()]);
  await requireRightStock(database);
  await database.close();
});

async function insertVerifiedEvent(capacity = 10) {
  const eventId = await insertEvent(database, { capacity });
  await database.query("update events set requires_verified_phone = true where id = $1", [eventId]);
  return eventId;
}

const readPhones = (eventId: string) =>
  database.query("select user_id, verified_phone, status from reservations where event_id = $1 order by id", [
    eventId,
  ]);

const changeTerm = (eventId: string, requiresVerifiedPhone: boolean) =>
  testDesk.desk.submit({ kind: "change_event", eventId, change: { requiresVerifiedPhone }, actor: "key 1" });

/** Counts what the desks send while something is done. */
async function watchStatements(act: () => Promise<unknown>) {
  const run = vi.spyOn(DeskConnection.prototype, "run");
  const together = vi.spyOn(DeskConnection.prototype, "together");
  await act();
  return { names: run.mock.calls.map(([{ name }]) => name), exchanges: together.mock.calls.length };
}

describe("what a transaction reads", () => {
  const usual = ["lock-free-events", "select-clock", "select-active-by-user"];
  /** One that locks and reads, and one that asks only for what was not locked, which is nothing here. */
  const usualExchanges = 2;

  test("is nothing about phones where no event asks for one, customers among the users or not", async () => {
    const eventId = await insertEvent(database, { capacity: 10 });
    const ada = await insertCustomer(database);
    await testDesk.hold(eventId, "warm");
    const { names, exchanges } = await watchStatements(() => testDesk.hold(eventId, ada));
    expect(names).toEqual([...usual, "insert-holds", "update-stock"]);
    expect(exchanges).toBe(usualExchanges);
    expect(await readPhones(eventId)).toMatchObject([{}, { user_id: ada, verified_phone: null }]);
  });

  test("is read in one more exchange where one does, with what a short event needs", async () => {
    const eventId = await insertVerifiedEvent(2);
    const [ada, bob] = [await insertCustomer(database), await insertCustomer(database)];
    await testDesk.hold(eventId, ada);
    const further = ["select-verified-phones", "select-active-by-phone"];
    const first = await watchStatements(() => testDesk.hold(eventId, bob));
    expect(first.names).toEqual([...usual, ...further, "insert-reservations", "update-stock"]);
    expect(first.exchanges).toBe(usualExchanges + 1);
    vi.restoreAllMocks();
    const second = await watchStatements(() => testDesk.askForHold(eventId, bob));
    expect(second.names).toEqual([...usual, "select-earliest-holds", ...further]);
    expect(second.exchanges).toBe(usualExchanges + 1);
  });

  test.each(["ada", "", "'", "{", "NULL", `${randomUUID()}x`, randomUUID().toUpperCase(), randomUUID()])(
    "leaves out who cannot be a customer, and nobody in the transaction suffers: %s",
    async (stranger) => {
      const eventId = await insertVerifiedEvent();
      const ada = await insertCustomer(database);
      testDesk.occupy();
      const outcomes = await Promise.all([stranger, ada].map((user) => testDesk.askForHold(eventId, user)));
      expect(outcomes).toMatchObject([{ kind: "phone_not_verified" }, { kind: "held" }]);
    },
  );

  test("finds no phone of a sign-up that is not verified or leads to another account", async () => {
    const eventId = await insertVerifiedEvent();
    const phone = nextPhone();
    const account = await insertCustomer(database, { phone });
    for (const accountId of [null, account]) {
      const signUp = await insertCustomer(database, { phone, accountId });
      expect(await testDesk.askForHold(eventId, signUp)).toEqual({ kind: "phone_not_verified" });
    }
    expect(await testDesk.hold(eventId, account)).toMatchObject({ verifiedPhone: phone });
  });
});

describe("one reservation for each phone", () => {
  test("holds for whoever comes second, until the first one ends", async () => {
    const eventId = await insertVerifiedEvent();
    const phone = nextPhone();
    const ada = await insertCustomer(database, { phone });
    const { id: reservationId } = await testDesk.hold(eventId, ada);
    const bob = await moveTo(database, ada, phone);
    const duplicate = { kind: "duplicate_reservation", reservationId };
    expect(await testDesk.askForHold(eventId, bob)).toEqual(duplicate);
    await testDesk.desk.submit({
      kind: "confirm",
      eventId,
      reservationId,
      requester: { role: "service" },
    });
    expect(await testDesk.askForHold(eventId, bob)).toEqual(duplicate);
    await testDesk.desk.submit({ kind: "cancel", eventId, reservationId, requester: { role: "service" } });
    expect(await testDesk.hold(eventId, bob)).toMatchObject({ userId: bob, verifiedPhone: phone });
  });

  test("is not kept by a hold whose deadline has passed, swept or not", async () => {
    const eventId = await insertVerifiedEvent(1);
    const phone = nextPhone();
    const ada = await insertCustomer(database, { phone });
    const { id } = await testDesk.hold(eventId, ada);
    await makeOverdue(database, id);
    const bob = await moveTo(database, ada, phone);
    await testDesk.hold(eventId, bob);
    expect(await readPhones(eventId)).toEqual([
      { user_id: ada, verified_phone: phone, status: "expired" },
      { user_id: bob, verified_phone: phone, status: "held" },
    ]);
  });

  test("holds at two desks and under two accounts at once", async () => {
    const eventId = await insertVerifiedEvent(50);
    const phone = nextPhone();
    const ada = await insertCustomer(database, { phone });
    // Two accounts of one phone are what the database forbids; here it looks away.
    await database.query("drop index customers_one_account");
    const bob = await insertCustomer(database, { phone });
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? testDesk : otherDesk).askForHold(eventId, index % 3 === 0 ? ada : bob),
      ),
    );
    const held = outcomes.filter(({ kind }) => kind === "held");
    expect(held).toHaveLength(1);
    const others = new Set(outcomes.map(({ kind }) => kind));
    expect(others).toEqual(new Set(["held", "duplicate_reservation"]));
    expect(await readStock(database, eventId)).toEqual({ available: 49, held: 1, sold: 0 });
  });

  test("is a rule of the database: what slips in past the lock fails nobody but its twin", async () => {
    const eventId = await insertVerifiedEvent();
    const phones = [nextPhone(), nextPhone(), nextPhone()];
    const users = await Promise.all(phones.map((phone) => insertCustomer(database, { phone })));
    // The first one is there when the transaction is repeated, the second one comes even later.
    const intruders = [await slipIn(eventId, phones[0]), await slipIn(eventId, phones[1])];
    testDesk.occupy();
    const asked = Promise.all(users.map((user) => testDesk.askForHold(eventId, user)));
    for (const intruder of intruders) {
      await intruder.waitUntilInTheWay();
      await intruder.commit();
    }
    expect((await asked).map(({ kind }) => kind)).toEqual([
      "duplicate_reservation",
      "duplicate_reservation",
      "held",
    ]);
    // The intruders did not count their own tickets.
    await database.query("update events set available = available - 2, held = held + 2 where id = $1", [
      eventId,
    ]);
  });
});

/** Writes a reservation without taking the event's lock, in a transaction that stays open. */
async function slipIn(eventId: string, phone: string | undefined) {
  const client = await database.connect();
  await client.query("begin");
  await client.query(
    `insert into reservations (event_id, id, user_id, quantity, status, expires_at, created_at, verified_phone)
     values ($1, $2::uuid, $2::text, 1, 'held', now() + interval '1 hour', now(), $3)`,
    [eventId, randomUUID(), phone],
  );
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return {
    waitUntilInTheWay: () =>
      waitFor("a desk to wait for the intruder", async () => {
        const blocked = await database.query(
          "select 1 from pg_stat_activity where $1::int = any(pg_blocking_pids(pid))",
          [rows[0]?.pid],
        );
        return blocked.length > 0;
      }),
    commit: () => client.query("commit"),
  };
}

describe("an event that asks for phones from now on, or no longer", () => {
  test("judges whoever asks after that in the same transaction, and leaves what was held before", async () => {
    const eventId = await insertEvent(database, { capacity: 10 });
    const [ada, bob] = [await insertCustomer(database), await insertCustomer(database)];
    const before = await testDesk.hold(eventId, "cyd");
    await testDesk.hold(eventId, ada);
    testDesk.occupy();
    const [changed, ...asked] = await Promise.all([
      changeTerm(eventId, true),
      ...["cyd", ada, bob, "dan"].map((user) => testDesk.askForHold(eventId, user)),
    ]);
    expect(changed).toMatchObject({ kind: "event_changed" });
    expect(asked.map(({ kind }) => kind)).toEqual([
      "phone_not_verified",
      "duplicate_reservation",
      "held",
      "phone_not_verified",
    ]);
    const named = { eventId, reservationId: before.id, requester: { role: "service" } } as const;
    expect((await testDesk.desk.submit({ kind: "extend", ...named })).kind).toBe("extended");
    expect((await testDesk.desk.submit({ kind: "confirm", ...named })).kind).toBe("confirmed");
    await changeTerm(eventId, false);
    expect(await testDesk.hold(eventId, "dan")).toMatchObject({ verifiedPhone: null });
    expect(await testDesk.askForHold(eventId, bob)).toMatchObject({ kind: "duplicate_reservation" });
  });
});
