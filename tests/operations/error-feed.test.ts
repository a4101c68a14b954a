import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorsReply } from "../../api/contract/dashboard.ts";
import { completeError, ErrorFeed, feedEntriesMax } from "../../api/operations/error-feed.ts";
import { deleteOldestErrors } from "../../api/store/reported-errors.ts";
import { openDatabase } from "../../api/store/open-database.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { DatabaseProxy } from "../support/start-database-proxy.ts";
import { waitFor } from "../support/wait-for.ts";
import { openTestOperations, sampleError, type TestOperations } from "./open-test-operations.ts";

const read = (tested: TestOperations, after = 0) => tested.read(`/ops/v1/errors?after=${after}`, errorsReply);
const messagesOf = ({ data }: Awaited<ReturnType<typeof read>>) => data.map(({ message }) => message);

describe("the feed in memory", () => {
  const fill = (feed: ErrorFeed, count: number) => {
    for (let each = 1; each <= count; each += 1) feed.add(sampleError(`error ${each}`), 1);
  };

  test("has a bound, and tells how many entries a reader has missed", () => {
    const feed = new ErrorFeed("a", 1);
    const first = 11;
    fill(feed, feedEntriesMax + 700);
    expect(feed.after(first - 1)).toMatchObject({ dropped: feedEntriesMax + 200 });
    const { entries, dropped } = feed.after(first + feedEntriesMax + 600);
    expect({ count: entries.length, dropped }).toEqual({ count: 99, dropped: 0 });
    expect(feed.after(0)).toMatchObject({ dropped: 0 });
    expect(feed.after(0).entries).toHaveLength(500);
    expect(feed.after(first + feedEntriesMax + 699)).toEqual({ entries: [], dropped: 0 });
    expect(feed.unsaved(10_000)).toHaveLength(feedEntriesMax);
  });

  test("goes on above the ids of an earlier supervisor, even if the clock was set back", () => {
    const earlier = new ErrorFeed("a", 2_000);
    fill(earlier, 3);
    const [, , last] = earlier.after(0).entries;
    for (const nowMs of [3_000, 1_000]) {
      const feed = new ErrorFeed("a", nowMs);
      feed.restore(earlier.after(0).entries);
      feed.add(sampleError("later"), null);
      const ids = feed.after(0).entries.map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(feed.after(last?.id ?? 0)).toMatchObject({ entries: [{ message: "later" }], dropped: 0 });
    }
  });

  test("cuts what is too long", () => {
    const error = completeError({ level: "fatal", message: "m".repeat(9_000), stack: "s".repeat(90_000) });
    expect([error.message.length, error.stack?.length]).toEqual([2_000, 8_000]);
  });
});

describe("the feed of a machine", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());
  const open = (nodeId: string) =>
    openTestOperations({ connectionString: database.connectionString, nodeId });
  const kept = async (nodeId: string) => {
    const rows = await database.query<{ count: number }>(
      "select count(*)::int as count from reported_errors where node_id = $1",
      [nodeId],
    );
    return rows[0]?.count ?? 0;
  };

  test("has the errors of workers and of the supervisor, whatever their text", async () => {
    const tested = await open(randomUUID());
    tested.report(
      { errors: [{ ...sampleError(`bad "text" {\\} \0 😀`), sqlstate: "40P01" }], errors_dropped: 2 },
      4,
    );
    tested.operations.record({ level: "fatal", message: "supervisor" });
    const { data } = await read(tested);
    expect(data).toMatchObject([
      { worker: 4, sqlstate: "40P01", status: 500, request_id: "req_1", node: "test machine" },
      {
        worker: 4,
        level: "warn",
        message: "2 more errors were left out: they came faster than they could be told.",
      },
      { worker: null, level: "fatal", message: "supervisor", status: null, stack: null },
    ]);
    expect(messagesOf(await read(tested, data[1]?.id))).toEqual(["supervisor"]);
    await waitFor("the errors to be kept", async () => (await kept(tested.nodeId)) === 3);
    // What has been written is not written again.
    await database.query("delete from reported_errors where node_id = $1", [tested.nodeId]);
    tested.operations.record({ level: "error", message: "one more" });
    await tested.close();
    expect(await kept(tested.nodeId)).toBe(1);
  });

  test("survives a restart of its supervisor, and ids go on", async () => {
    const nodeId = randomUUID();
    const first = await open(nodeId);
    first.report({ errors: [sampleError("one"), sampleError("two")] });
    const before = await read(first);
    // Its last words are written when it stops.
    await first.close();
    expect(await kept(nodeId)).toBe(2);
    const second = await open(nodeId);
    await waitFor("the errors to be read", async () => (await read(second)).data.length === 2);
    second.report({ errors: [sampleError("three")] });
    const after = await read(second);
    expect(messagesOf(after)).toEqual(["one", "two", "three"]);
    expect(after.data.slice(0, 2)).toEqual(before.data);
    const last = before.data.at(-1)?.id ?? 0;
    expect(await read(second, last)).toMatchObject({ data: [{ message: "three" }], dropped: 0 });
    await second.close();
  });

  test("is read in memory and written later while the database is away", async () => {
    const proxy = await DatabaseProxy.start(database.connectionString);
    const tested = await openTestOperations({ connectionString: proxy.connectionString });
    proxy.set("cut");
    tested.report({ errors: [sampleError("while it was away")] });
    expect(messagesOf(await read(tested))).toEqual(["while it was away"]);
    expect(await kept(tested.nodeId)).toBe(0);
    proxy.set("pass");
    await waitFor("the error to be kept", async () => (await kept(tested.nodeId)) === 1);
    await tested.close();
    await proxy.close();
  });

  test("keeps the newest of all machines in the database", async () => {
    const insert = `insert into reported_errors (node_id, id, at, level, message, node)
      select $1, number, now() + number * interval '1 second', 'error', 'm', 'n' from generate_series(1, 30) as number`;
    const [one, other] = [randomUUID(), randomUUID()];
    await database.query("delete from reported_errors");
    for (const nodeId of [one, other]) await database.query(insert, [nodeId]);
    const pool = openDatabase({
      connectionString: database.connectionString,
      connectionsMax: 1,
      onLost: () => {},
    });
    await deleteOldestErrors(pool, 20);
    expect([await kept(one), await kept(other)]).toEqual([10, 10]);
    await deleteOldestErrors(pool, 20);
    expect([await kept(one), await kept(other)]).toEqual([10, 10]);
    await pool.destroy();
  });

  test("refuses an id that is none", async () => {
    const tested = await open(randomUUID());
    expect(await tested.send("/ops/v1/errors?after=-1")).toMatchObject({ status: 422 });
    expect(await tested.send("/ops/v1/errors?after=1&after=2")).toMatchObject({ status: 422 });
    await tested.close();
  });
});
