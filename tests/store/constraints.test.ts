import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertEvent } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;
let eventId: string;

beforeAll(async () => {
  database = await openTestDatabase();
  eventId = await insertEvent(database, { capacity: 10 });
});
afterAll(() => database.close());

/** What the database itself never lets happen, whatever a program does wrong. */
describe("the database refuses", () => {
  const eventChanges: [what: string, set: string, constraint: string][] = [
    ["stock from nowhere", "available = available + 1", "events_stock_conserved"],
    ["stock that vanishes", "held = held + 1", "events_stock_conserved"],
    ["a sale that takes nothing", "sold = sold + 1", "events_stock_conserved"],
    ["more held than there is", "available = -1, held = 11", "events_available_check"],
    ["fewer sold than none", "sold = -1, available = 11", "events_sold_check"],
    [
      "sales that end before they start",
      "sales_start_at = now(), sales_end_at = now() - interval '1 s'",
      "events_sales_window",
    ],
  ];
  test.each(eventChanges)("%s", async (_what, set, constraint) => {
    await expect(database.query(`update events set ${set} where id = '${eventId}'`)).rejects.toMatchObject({
      constraint,
    });
  });

  const insert = (columns: Record<string, string>) => {
    const row = {
      event_id: `'${eventId}'`,
      id: `'${randomUUID()}'`,
      user_id: "'ada'",
      quantity: "1",
      status: "'held'",
      expires_at: "now()",
      created_at: "now()",
      ...columns,
    };
    return database.query(
      `insert into reservations (${Object.keys(row).join()}) values (${Object.values(row).join()})`,
    );
  };

  const impossible: [what: string, columns: Record<string, string>][] = [
    ["a hold that is confirmed already", { confirmed_at: "now()" }],
    ["a hold that was released", { released_at: "now()", cause: "'deadline_passed'" }],
    ["a sale without its moment", { status: "'confirmed'" }],
    ["an end without its moment", { status: "'expired'", cause: "'deadline_passed'" }],
    ["an end without a cause", { status: "'cancelled'", released_at: "now()" }],
    ["an expired sale", { status: "'expired'", released_at: "now()", cause: "'x'", confirmed_at: "now()" }],
    ["a status that does not exist", { status: "'lost'" }],
  ];
  test.each(impossible)("%s", async (_what, columns) => {
    await expect(insert(columns)).rejects.toMatchObject({ constraint: "reservations_status_history" });
  });

  test("two active reservations of one user, but not a new one beside those that have ended", async () => {
    const ended = {
      status: "'cancelled'",
      released_at: "now()",
      cause: "'cancelled_by_buyer'",
      user_id: "'bob'",
    };
    await insert(ended);
    await insert(ended);
    await insert({ user_id: "'bob'" });
    const second = insert({ user_id: "'bob'", status: "'confirmed'", confirmed_at: "now()" });
    await expect(second).rejects.toMatchObject({ constraint: "reservations_one_active" });
    await database.query("delete from reservations");
  });

  test("a reservation of an event that does not exist", async () => {
    await expect(insert({ event_id: `'${randomUUID()}'` })).rejects.toMatchObject({
      constraint: "reservations_event_id_fkey",
    });
  });
});
