import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startJobs } from "../../api/jobs/start-jobs.ts";
import { Sweeper } from "../../api/jobs/sweep-overdue-holds.ts";
import { openDatabase } from "../../api/store/open-database.ts";
import { requireRightStock } from "../support/check-stock.ts";
import { makeOverdue } from "../support/move-deadline.ts";
import { insertEvent, openTestDesk, readStock } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { openTestService } from "../support/open-test-service.ts";
import { sweepOnce } from "../support/sweep-once.ts";
import { waitFor } from "../support/wait-for.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(async () => {
  await requireRightStock(database);
  await database.close();
});

const makeAllOverdue = (eventId: string) =>
  database.query(
    `update reservations set expires_at = now() - interval '1 second' where event_id = $1 and status = 'held'`,
    [eventId],
  );

/** A sweeper with everything it needs and nothing else. */
async function withSweepers(
  count: number,
  run: (sweep: () => Promise<number>[]) => Promise<void>,
): Promise<void> {
  const sweepers = Array.from({ length: count }, () => ({
    database: openDatabase({
      connectionString: database.connectionString,
      connectionsMax: 1,
      onLost: () => {},
    }),
    desk: openTestDesk(database.connectionString).desk,
  }));
  try {
    await run(() => sweepers.map((sweeper) => sweepOnce(sweeper)));
  } finally {
    for (const { desk, database: pool } of sweepers) {
      await desk.stop();
      await pool.destroy();
    }
  }
}

describe("a sweep", () => {
  test("frees the stock of holds past their deadline, and of no others", async () => {
    const { desk, hold } = openTestDesk(database.connectionString);
    const eventId = await insertEvent(database, { capacity: 10 });
    const overdue = await hold(eventId, "overdue", 2);
    const alive = await hold(eventId, "alive", 3);
    const sold = await hold(eventId, "sold", 1);
    await desk.submit({ kind: "confirm", eventId, reservationId: sold.id, requester: { role: "service" } });
    await makeOverdue(database, overdue.id);
    await withSweepers(1, async (sweep) => {
      expect((await Promise.all(sweep()))[0]).toBeLessThanOrEqual(250);
    });
    expect(await readStock(database, eventId)).toEqual({ available: 6, held: 3, sold: 1 });
    const rows = await database.query(
      "select id, status, cause, released_at >= expires_at as after_deadline from reservations where event_id = $1 order by id",
      [eventId],
    );
    expect(rows.find(({ id }) => id === overdue.id)).toMatchObject({
      status: "expired",
      cause: "deadline_passed",
      after_deadline: true,
    });
    expect(rows.find(({ id }) => id === alive.id)).toMatchObject({ status: "held", cause: null });
    await desk.stop();
  });

  test("does no harm when several are at it at once, beside buyers who ask for the same stock", async () => {
    const { desk, askForHold, hold } = openTestDesk(database.connectionString);
    const eventId = await insertEvent(database, { capacity: 200 });
    await Promise.all(Array.from({ length: 200 }, (_, index) => hold(eventId, `first ${index}`)));
    await makeAllOverdue(eventId);
    await withSweepers(4, async (sweep) => {
      const buyers = Array.from({ length: 150 }, (_, index) => askForHold(eventId, `second ${index}`));
      await Promise.all([...sweep(), ...sweep()]);
      expect((await Promise.all(buyers)).every(({ kind }) => kind === "held")).toBe(true);
    });
    expect(await readStock(database, eventId)).toEqual({ available: 50, held: 150, sold: 0 });
    await desk.stop();
  });

  test("takes a bounded number of holds and comes back at once for the rest", async () => {
    const { desk, hold } = openTestDesk(database.connectionString);
    const eventId = await insertEvent(database, { capacity: 600 });
    await Promise.all(Array.from({ length: 600 }, (_, index) => hold(eventId, `user ${index}`)));
    await makeAllOverdue(eventId);
    await withSweepers(1, async (sweep) => {
      expect(await Promise.all(sweep())).toEqual([0]);
      expect(await readStock(database, eventId)).toEqual({ available: 500, held: 100, sold: 0 });
      await Promise.all(sweep());
      expect(await readStock(database, eventId)).toEqual({ available: 600, held: 0, sold: 0 });
    });
    await desk.stop();
  });

  test("rests until the next deadline, but never long: a hold made meanwhile may end before it", async () => {
    const { desk, hold } = openTestDesk(database.connectionString);
    const eventId = await insertEvent(database, { capacity: 1 });
    const { id } = await hold(eventId, "ada");
    await withSweepers(1, async (sweep) => {
      expect(await Promise.all(sweep())).toEqual([250]);
      await database.query(
        "update reservations set expires_at = now() + interval '200 milliseconds' where id = $1",
        [id],
      );
      const [pauseMs] = await Promise.all(sweep());
      const isHeld = (await readStock(database, eventId))?.["held"] === 1;
      // On a slow machine it was overdue by then and is swept already.
      expect(pauseMs).toBeLessThanOrEqual(isHeld ? 200 : 250);
    });
    await desk.stop();
  });
});

test("a sweeper looks after other holds while one of them is stuck, and does not ask for that again", async () => {
  const { desk, hold } = openTestDesk(database.connectionString);
  const pool = openDatabase({ ...database, connectionsMax: 1, onLost: () => {} });
  const [stuckId, freeId] = [
    await insertEvent(database, { capacity: 1 }),
    await insertEvent(database, { capacity: 1 }),
  ];
  const [stuck, later] = [await hold(stuckId, "ada"), await hold(freeId, "ada")];
  const unlocked = Promise.withResolvers<void>();
  const asked: string[] = [];
  const submitBackground: typeof desk.submitBackground = async (command) => {
    if (command.kind !== "expire") throw new Error(`The sweeper asked for ${command.kind}.`);
    asked.push(command.eventId);
    if (command.eventId === stuckId) await unlocked.promise;
    return desk.submitBackground(command);
  };
  const sweeper = new Sweeper({ database: pool, desk: { submitBackground } });
  await makeOverdue(database, stuck.id);
  await sweeper.sweepOnce();
  await makeOverdue(database, later.id);
  await waitFor("the other event's stock to be free", async () => {
    await sweeper.sweepOnce();
    return (await readStock(database, freeId))?.["available"] === 1;
  });
  expect(asked.filter((eventId) => eventId === stuckId)).toHaveLength(1);
  expect(await readStock(database, stuckId)).toMatchObject({ held: 1 });
  unlocked.resolve();
  await sweeper.settle();
  expect(await readStock(database, stuckId)).toMatchObject({ available: 1 });
  await desk.stop();
  await pool.destroy();
});

test("a sweeper tells of a release that failed, and goes on", async () => {
  const { desk, hold } = openTestDesk(database.connectionString);
  const pool = openDatabase({ ...database, connectionsMax: 1, onLost: () => {} });
  const eventId = await insertEvent(database, { capacity: 1 });
  const { id } = await hold(eventId, "ada");
  let isBroken = true;
  const submitBackground: typeof desk.submitBackground = (command) =>
    isBroken ? Promise.reject(new Error("a defect")) : desk.submitBackground(command);
  const sweeper = new Sweeper({ database: pool, desk: { submitBackground } });
  await makeOverdue(database, id);
  await sweeper.sweepOnce();
  isBroken = false;
  await expect(sweeper.sweepOnce()).rejects.toThrow("a defect");
  await sweeper.sweepOnce();
  await sweeper.settle();
  expect(await readStock(database, eventId)).toMatchObject({ available: 1, held: 0 });
  await desk.stop();
  await pool.destroy();
});

test("the jobs sweep while every connection that serves buyers is taken", async () => {
  const { desk, hold } = openTestDesk(database.connectionString);
  const pool = openDatabase({ ...database, connectionsMax: 1, onLost: () => {} });
  const eventId = await insertEvent(database, { capacity: 1 });
  const { id } = await hold(eventId, "ada");
  await pool.connection().execute(async () => {
    await makeOverdue(database, id);
    const jobs = startJobs({ database: pool, desk, connectionString: database.connectionString }, () => {});
    await waitFor("the stock to be free", async () => {
      return (await readStock(database, eventId))?.["available"] === 1;
    });
    // What has no connection of its own waits for the one that is taken, and no longer than it may.
    await jobs.stop();
  });
  expect(await readStock(database, eventId)).toEqual({ available: 1, held: 0, sold: 0 });
  await desk.stop();
  await pool.destroy();
});

test("jobs that are stopped wait for the releases that are on their way", async () => {
  const { desk, hold } = openTestDesk(database.connectionString);
  const pool = openDatabase({ ...database, connectionsMax: 1, onLost: () => {} });
  const eventId = await insertEvent(database, { capacity: 1 });
  const { id } = await hold(eventId, "ada");
  const [asked, unlocked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const release = desk.submitBackground.bind(desk);
  desk.submitBackground = async (command) => {
    asked.resolve();
    await unlocked.promise;
    return release(command);
  };
  await makeOverdue(database, id);
  const jobs = startJobs({ database: pool, desk, connectionString: database.connectionString }, () => {});
  await asked.promise;
  const stopped = jobs.stop().then(() => "stopped");
  // Enough for everything else to stop.
  const busy = async () => {
    for (let count = 0; count < 500; count += 1) await database.query("select 1");
    return "stopping";
  };
  expect(await Promise.race([stopped, busy()])).toBe("stopping");
  unlocked.resolve();
  await stopped;
  expect(await readStock(database, eventId)).toMatchObject({ available: 1, held: 0 });
  await desk.stop();
  await pool.destroy();
});

test("a running service frees overdue stock by itself, however many events it is spread over", async () => {
  const service = await openTestService({ database });
  try {
    const eventIds = await Promise.all(
      Array.from({ length: 30 }, () => insertEvent(database, { capacity: 1, holdSeconds: 1 })),
    );
    await Promise.all(eventIds.map((eventId) => service.hold(eventId, "ada")));
    await waitFor("all of it to be free", async () => {
      const held = await database.query("select 1 from events where id = any($1) and available = 0", [
        eventIds,
      ]);
      return held.length === 0;
    });
    const rows = await database.query(
      "select distinct status, cause from reservations where event_id = any($1)",
      [eventIds],
    );
    expect(rows).toEqual([{ status: "expired", cause: "deadline_passed" }]);
  } finally {
    await service.close();
  }
});
