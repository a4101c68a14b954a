import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Desk } from "../../api/desk/desk.ts";
import type { HoldCommand } from "../../api/domain/commands.ts";
import { makeReservationId } from "../../api/kernel/ids.ts";
import type * as reservations from "../../api/store/reservations.ts";
import { makeOverdue } from "../support/move-deadline.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { holdOf, insertEvent } from "../support/open-test-desk.ts";

const asked: (readonly { userId: string }[])[] = [];

// Notes who is looked up, and looks them up.
vi.mock("../../api/store/reservations.ts", async (importOriginal) => {
  const original = await importOriginal<typeof reservations>();
  const selectLatestLapses: typeof original.selectLatestLapses = (users, holdsMax) => {
    asked.push(users);
    return original.selectLatestLapses(users, holdsMax);
  };
  return { ...original, selectLatestLapses };
});

let database: TestDatabase;
let desk: Desk;

beforeAll(async () => {
  database = await openTestDatabase();
  desk = new Desk({
    connectionString: database.connectionString,
    makeId: makeReservationId,
    onReport: () => {},
    onTrouble: () => {},
    hoarding: { holdsMax: 2, windowMs: 60_000 },
  });
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(async () => {
  await desk.stop();
  await database.close();
});

const byBuyer = (eventId: string, userId: string): HoldCommand => ({
  ...holdOf(eventId, userId),
  requester: { role: "buyer", userId },
});

async function holdAndMakeOverdue(eventId: string, userId: string): Promise<string> {
  const outcome = await desk.submit(byBuyer(eventId, userId));
  if (outcome.kind !== "held") throw new Error(`Wanted a hold, got ${outcome.kind}.`);
  await makeOverdue(database, outcome.reservation.id);
  return outcome.reservation.id;
}

/** Sends commands so that they wait together, behind one that keeps the desk busy, and share a transaction. */
function submitTogether(commands: readonly HoldCommand[]) {
  void desk.submit(holdOf("00000000-0000-7000-8000-000000000000", "nobody"));
  return Promise.allSettled(commands.map((command) => desk.submit(command)));
}

const kindsOf = (results: readonly PromiseSettledResult<{ readonly kind: string }>[]) =>
  results.map((result) => (result.status === "fulfilled" ? result.value.kind : "failed"));

describe("a desk that judges hoarders", () => {
  test("looks nobody up for the shop, and buyers of a batch all at once", async () => {
    const eventId = await insertEvent(database, { capacity: 20 });
    const shop = ["ada", "bob", "cyd"].map((userId) => holdOf(eventId, userId));
    expect(kindsOf(await submitTogether(shop))).toEqual(["held", "held", "held"]);
    expect(asked).toEqual([]);
    const buyers = ["dan", "eve"].map((userId) => byBuyer(eventId, userId));
    expect(kindsOf(await submitTogether([...buyers, holdOf(eventId, "fay")]))).toEqual([
      "held",
      "held",
      "held",
    ]);
    expect(asked.map((users) => users.map(({ userId }) => userId))).toEqual([["dan", "eve"]]);
  });

  test("counts a hold that is swept in the very transaction in which the next is asked for", async () => {
    const eventId = await insertEvent(database, { capacity: 20 });
    await holdAndMakeOverdue(eventId, "ada");
    const reservationId = await holdAndMakeOverdue(eventId, "ada");
    void desk.submit(holdOf("00000000-0000-7000-8000-000000000000", "nobody"));
    const [swept, held] = await Promise.all([
      desk.submit({ kind: "expire", eventId, reservationId }),
      desk.submit(byBuyer(eventId, "ada")),
    ]);
    expect([swept.kind, held.kind]).toEqual(["expired", "hoarding"]);
  });

  test("judges as well where a neighbour's bad value has each command served alone", async () => {
    const eventId = await insertEvent(database, { capacity: 20 });
    await holdAndMakeOverdue(eventId, "ada");
    await holdAndMakeOverdue(eventId, "ada");
    await holdAndMakeOverdue(eventId, "bob");
    const results = await submitTogether([
      holdOf(eventId, "too long ".repeat(20)),
      byBuyer(eventId, "ada"),
      byBuyer(eventId, "bob"),
      byBuyer(eventId, "ada"),
    ]);
    expect(kindsOf(results)).toEqual(["failed", "hoarding", "held", "hoarding"]);
  });
});
