import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireRightStock } from "../support/check-stock.ts";
import { lockEvent, waitUntilBlocked } from "../support/lock-event.ts";
import { insertEvent, openTestDesk } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(async () => {
  await requireRightStock(database);
  await database.close();
});

describe("an event whose row another transaction has locked", () => {
  test("does not delay other events, and its own commands are served in order once it is free", async () => {
    const { desk, askForHold } = openTestDesk(database.connectionString);
    const [locked, free] = [
      await insertEvent(database, { capacity: 2 }),
      await insertEvent(database, { capacity: 50 }),
    ];
    const release = await lockEvent(database, locked);
    const finished: string[] = [];
    const waiting = ["ada", "bob", "cyd"].map(async (user) => {
      const outcome = await askForHold(locked, user);
      finished.push(user);
      return outcome.kind;
    });
    // Only a connection that is kept for this waits; the desk's own goes on.
    expect(await waitUntilBlocked(database)).toEqual(["holdfast desk, waiting"]);
    for (let round = 0; round < 20; round += 1) {
      const [outcome] = await Promise.all([
        askForHold(free, `user ${round}`),
        round === 5 ? void waiting.push(askForHold(locked, "dan").then(({ kind }) => kind)) : null,
      ]);
      expect(outcome.kind).toBe("held");
    }
    expect(finished).toEqual([]);
    await release();
    expect(await Promise.all(waiting)).toEqual(["held", "held", "all_held", "all_held"]);
    expect(desk.depth).toBe(0);
    expect((await askForHold(locked, "eve")).kind).toBe("all_held");
    await desk.stop();
  });

  test("is waited for no longer than commands may wait: they are refused without an effect", async () => {
    const { desk, askForHold } = openTestDesk(database.connectionString, { waitMaxMs: 100 });
    const eventId = await insertEvent(database, { capacity: 5 });
    const release = await lockEvent(database, eventId);
    const outcomes = await Promise.all(["ada", "bob"].map((user) => askForHold(eventId, user)));
    expect(outcomes).toEqual([{ kind: "overloaded" }, { kind: "overloaded" }]);
    await release();
    expect((await askForHold(eventId, "ada")).kind).toBe("held");
    await desk.stop();
  });

  test("takes turns with other locked events, so that one which is freed is served", async () => {
    const { desk, askForHold } = openTestDesk(database.connectionString, {
      patientLanesMax: 1,
      waitMaxMs: 20_000,
    });
    const [first, second] = [
      await insertEvent(database, { capacity: 1 }),
      await insertEvent(database, { capacity: 1 }),
    ];
    const [releaseFirst, releaseSecond] = [
      await lockEvent(database, first),
      await lockEvent(database, second),
    ];
    const ofFirst = askForHold(first, "ada");
    const ofSecond = askForHold(second, "ada");
    await waitUntilBlocked(database);
    await releaseSecond();
    expect((await ofSecond).kind).toBe("held");
    await releaseFirst();
    expect((await ofFirst).kind).toBe("held");
    await desk.stop();
  });

  test("does not keep a desk from stopping: what waits is answered first", async () => {
    const { desk, askForHold } = openTestDesk(database.connectionString);
    const eventId = await insertEvent(database, { capacity: 5 });
    const release = await lockEvent(database, eventId);
    const waiting = askForHold(eventId, "ada");
    await waitUntilBlocked(database);
    const stopped = desk.stop();
    await release();
    await stopped;
    expect((await waiting).kind).toBe("held");
  });

  test("counts its waiting commands towards the limit of the queue", async () => {
    const { desk, askForHold } = openTestDesk(database.connectionString, { queueMax: 3, waitMaxMs: 20_000 });
    const eventId = await insertEvent(database, { capacity: 50 });
    const release = await lockEvent(database, eventId);
    const first = askForHold(eventId, "first");
    await waitUntilBlocked(database);
    const later = Array.from({ length: 20 }, (_, index) => askForHold(eventId, `user ${index}`));
    expect(desk.depth).toBeLessThanOrEqual(3);
    expect(await Promise.all(later.slice(3))).toEqual(
      Array.from({ length: 17 }, () => ({ kind: "overloaded" })),
    );
    await release();
    expect((await first).kind).toBe("held");
    expect((await later[0])?.kind).toBe("held");
    await desk.stop();
  });
});
