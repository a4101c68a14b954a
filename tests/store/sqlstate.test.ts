import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { constraintOf, failureKindOf, sqlstateOf } from "../../api/store/sqlstate.ts";
import { DeskConnection } from "../../api/store/desk-connection.ts";
import { openDatabase } from "../../api/store/open-database.ts";
import { selectNow } from "../../api/store/select-now.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const failureOf = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail.");
};

describe("an error that the server really sends", () => {
  const raised: [sqlstate: string, kind: string][] = [
    ["40001", "retry"],
    ["40P01", "retry"],
    ["55P03", "lock_timeout"],
    ["57014", "unavailable"],
    ["25P03", "unavailable"],
    ["25006", "unavailable"],
    ["22003", "bad_value"],
    ["22P02", "bad_value"],
    ["22P05", "bad_value"],
    ["23502", "bad_value"],
    ["23505", "bad_value"],
    ["23514", "bad_value"],
    ["08006", "unavailable"],
    ["28P01", "unavailable"],
    ["3D000", "unavailable"],
    ["53100", "unavailable"],
    ["53200", "unavailable"],
    ["53300", "unavailable"],
    ["57P01", "unavailable"],
    ["57P02", "unavailable"],
    ["57P03", "unavailable"],
    ["58030", "unavailable"],
    ["42P01", "defect"],
    ["42601", "defect"],
    ["XX000", "defect"],
    ["P0001", "defect"],
  ];
  test.each(raised)("with SQLSTATE %s is %s", async (sqlstate, kind) => {
    const error = await failureOf(
      database.query(`do $$ begin raise exception using errcode = '${sqlstate}'; end $$`),
    );
    expect(sqlstateOf(error)).toBe(sqlstate);
    expect(failureKindOf(error)).toBe(kind);
    expect(constraintOf(error)).toBeNull();
  });

  test("names the constraint that was broken", async () => {
    const error = await failureOf(
      database.query(
        "insert into events (id, name, capacity, available, created_at) values (gen_random_uuid(), 'n', 5, 4, now())",
      ),
    );
    expect(constraintOf(error)).toBe("events_stock_conserved");
    expect(failureKindOf(error)).toBe("bad_value");
  });

  test("about a lock that is not freed within the limit is a lock time-out", async () => {
    const blocker = await database.connect();
    await blocker.query("begin");
    await blocker.query("lock table signing_secrets in access exclusive mode");
    const connection = await DeskConnection.open(database.connectionString, "test");
    await connection.command("set lock_timeout = '10ms'");
    expect(failureKindOf(await failureOf(connection.command("select * from signing_secrets")))).toBe(
      "lock_timeout",
    );
    await blocker.query("rollback");
    await connection.close();
  });
});

describe("an error without SQLSTATE", () => {
  const open = (connectionString: string) =>
    openDatabase({ connectionString, connectionsMax: 1, onLost: () => {} });

  test("is unavailability when nobody listens there", async () => {
    const nowhere = new URL(database.connectionString);
    nowhere.port = "1";
    const unreachable = open(nowhere.href);
    expect(failureKindOf(await failureOf(selectNow(unreachable)))).toBe("unavailable");
    await unreachable.destroy();
    expect(failureKindOf(await failureOf(DeskConnection.open(nowhere.href, "test")))).toBe("unavailable");
  });

  test("is unavailability when the host is not known", async () => {
    const unknown = new URL(database.connectionString);
    unknown.hostname = "no-such-host.invalid";
    expect(failureKindOf(await failureOf(DeskConnection.open(unknown.href, "test")))).toBe("unavailable");
  });

  test("is unavailability when the connection is gone or closed", async () => {
    const connection = await DeskConnection.open(database.connectionString, "to be ended");
    const running = failureOf(connection.command("select pg_sleep(10)"));
    await database.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'to be ended'",
    );
    expect(failureKindOf(await running)).toBe("unavailable");
    await expect.poll(() => connection.lost).toBeInstanceOf(Error);
    expect(failureKindOf(await failureOf(connection.command("select 1")))).toBe("unavailable");
  });

  test("is unavailability when a transaction's connection broke, for whoever uses it next as well", async () => {
    const broken = open(database.connectionString);
    const errors = await broken.connection().execute(async (pinned) => {
      const transaction = pinned.transaction().execute(async (within) => {
        await selectNow(within);
        await database.query(
          `select pg_terminate_backend(pid, 10000) from pg_stat_activity
           where state = 'idle in transaction' and datname = current_database()`,
        );
        await selectNow(within);
      });
      return [await failureOf(transaction), await failureOf(selectNow(pinned))];
    });
    expect(String(errors[1])).toContain("discarded");
    expect(errors.map(failureKindOf)).toEqual(["unavailable", "unavailable"]);
    await broken.destroy();
  });

  test("is a defect when it is none of the driver's or the socket's", () => {
    const defects = [
      new Error("x"),
      new TypeError("y"),
      "text",
      null,
      undefined,
      { code: 5 },
      { code: "ESOMETHING" },
      {},
    ];
    expect(defects.map(failureKindOf)).toEqual(defects.map(() => "defect"));
    expect(failureKindOf(new AggregateError([new Error("a"), new Error("b")]))).toBe("unavailable");
    expect([null, "x", {}, { constraint: 1 }].map(constraintOf)).toEqual([null, null, null, null]);
  });
});
