import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { DeskConnection } from "../../api/store/desk-connection.ts";
import { requireRightStock } from "../support/check-stock.ts";
import { lockEvent, waitUntilBlocked } from "../support/lock-event.ts";
import { holdOf, insertEvent } from "../support/open-test-desk.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { DatabaseProxy } from "../support/start-database-proxy.ts";
import { type CartDesk, insertPricedEvent, openCartDesk, readJobs, service } from "./open-cart-desk.ts";

let database: TestDatabase;
let cartDesk: CartDesk;

beforeAll(async () => {
  database = await openTestDatabase();
  cartDesk = await openCartDesk(database);
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await cartDesk.close();
  await requireRightStock(database);
  await database.close();
});

async function fillCart() {
  const [first, second] = [await insertPricedEvent(database), await insertPricedEvent(database)].sort();
  if (first === undefined || second === undefined) throw new Error("There are no events.");
  const cartId = randomUUID();
  await cartDesk.fill(cartId, first);
  await cartDesk.fill(cartId, second);
  return { cartId, first, second };
}

/** Holds tickets of an event twenty times, one after the other. */
async function sellMeanwhile(eventId: string) {
  for (let round = 0; round < 20; round += 1) {
    const outcome = await cartDesk.desk.submit(holdOf(eventId, `user ${round}`));
    expect(outcome.kind).toBe(round < 9 ? "held" : "all_held");
  }
}

async function lockCart(cartId: string) {
  const client = await database.connect();
  await client.query("begin");
  await client.query("select 1 from carts where id = $1 for update", [cartId]);
  return () => client.query("rollback");
}

describe("a command about several events", () => {
  test.each(["first", "second"] as const)(
    "waits when its %s event is locked elsewhere, and keeps nobody from the other one",
    async (lockedOne) => {
      const { cartId, first, second } = await fillCart();
      const [locked, free] = lockedOne === "first" ? [first, second] : [second, first];
      const release = await lockEvent(database, locked);
      let isBegun = false;
      const begun = cartDesk.begin(cartId).then((outcome) => {
        isBegun = true;
        return outcome;
      });
      expect(await waitUntilBlocked(database)).toEqual(["holdfast desk, waiting"]);
      await sellMeanwhile(free);
      expect(isBegun).toBe(false);
      await release();
      expect((await begun).kind).toBe("order_begun");
    },
  );

  test("finds its way through two events that are locked one after the other", async () => {
    const { cartId, first, second } = await fillCart();
    const [releaseFirst, releaseSecond] = [
      await lockEvent(database, first),
      await lockEvent(database, second),
    ];
    const begun = cartDesk.begin(cartId);
    await waitUntilBlocked(database);
    await releaseFirst();
    await waitUntilBlocked(database);
    await releaseSecond();
    expect((await begun).kind).toBe("order_begun");
  });

  test("does not keep a desk from stopping: it is answered first", async () => {
    const stopping = await openCartDesk(database);
    const { cartId, second } = await fillCart();
    const release = await lockEvent(database, second);
    const begun = stopping.begin(cartId);
    await waitUntilBlocked(database);
    const closed = stopping.close();
    await release();
    await closed;
    expect((await begun).kind).toBe("order_begun");
  });
});

describe("a cart that another transaction has locked", () => {
  test("keeps its own commands waiting, and nobody else", async () => {
    const { cartId, first, second } = await fillCart();
    const release = await lockCart(cartId);
    const commands = [cartDesk.put(cartId, first, 3), cartDesk.remove(cartId, second)];
    expect(await waitUntilBlocked(database)).toEqual(["holdfast desk, waiting"]);
    await sellMeanwhile(second);
    await release();
    expect((await Promise.all(commands)).map(({ kind }) => kind)).toEqual(["cart_saved", "cart_saved"]);
  });

  test("is waited for no longer than commands may wait", async () => {
    const hasty = await openCartDesk(database, { waitMaxMs: 100 });
    const { cartId, first } = await fillCart();
    const release = await lockCart(cartId);
    expect(await hasty.put(cartId, first, 3)).toEqual({ kind: "overloaded" });
    await release();
    expect((await hasty.put(cartId, first, 3)).kind).toBe("cart_saved");
    await hasty.close();
  });

  test("is filled together with whoever has just made it, once that is committed", async () => {
    const eventId = await insertPricedEvent(database);
    const cartId = randomUUID();
    const maker = await database.connect();
    await maker.query("begin");
    await maker.query("insert into carts (id, user_id, items, created_at) values ($1, 'ada', '[]', now())", [
      cartId,
    ]);
    const put = cartDesk.put(cartId, eventId);
    await waitUntilBlocked(database);
    await maker.query("commit");
    expect((await put).kind).toBe("cart_saved");
  });

  test("is not waited for by whoever cannot have its event yet either", async () => {
    const [eventId, free] = [await insertPricedEvent(database), await insertPricedEvent(database)];
    const cartId = randomUUID();
    // As another desk that stopped in the middle of a first item.
    const maker = await database.connect();
    await maker.query("begin");
    await maker.query("select 1 from events where id = $1 for no key update", [eventId]);
    await maker.query("insert into carts (id, user_id, items, created_at) values ($1, 'ada', '[]', now())", [
      cartId,
    ]);
    const put = cartDesk.put(cartId, eventId);
    expect(await waitUntilBlocked(database)).toEqual(["holdfast desk, waiting"]);
    await sellMeanwhile(free).catch(() => {});
    await maker.query("rollback");
    expect((await put).kind).toBe("cart_saved");
  });
});

describe("a batch", () => {
  /** The names of the statements that a desk sends while `work` goes on. */
  async function listStatements(work: () => Promise<unknown>): Promise<string[]> {
    const names: string[] = [];
    const { run, command } = DeskConnection.prototype;
    vi.spyOn(DeskConnection.prototype, "run").mockImplementation(function (this: DeskConnection, statement) {
      names.push(statement.name);
      return run.call(this, statement) as never;
    });
    vi.spyOn(DeskConnection.prototype, "command").mockImplementation(function (this: DeskConnection, text) {
      names.push(text);
      return command.call(this, text);
    });
    await work();
    vi.restoreAllMocks();
    return names;
  }

  test("without carts pays nothing for them", async () => {
    const eventId = await insertEvent(database, { capacity: 10 });
    const { desk } = cartDesk;
    let reservationId = "";
    const ofHold = await listStatements(async () => {
      const outcome = await desk.submit(holdOf(eventId, "ada"));
      if (outcome.kind === "held") reservationId = outcome.reservation.id;
    });
    expect(ofHold).toEqual([
      "begin",
      "lock-free-events",
      "select-clock",
      "select-active-by-user",
      "insert-holds",
      "update-stock",
    ]);
    const ofConfirm = await listStatements(() =>
      desk.submit({ kind: "confirm", eventId, reservationId, requester: service }),
    );
    expect(ofConfirm).toEqual([
      "begin",
      "lock-free-events",
      "select-clock",
      "select-by-key",
      "update-reservations",
      "update-stock",
    ]);
  });

  test("locks events, then carts, and reads the clock after both", async () => {
    const eventId = await insertPricedEvent(database);
    const names = await listStatements(() => cartDesk.put(randomUUID(), eventId));
    expect(names.slice(0, 5)).toEqual([
      "begin",
      "lock-free-events",
      "claim-carts-of-free-events",
      "lock-free-carts",
      "select-clock",
    ]);
  });
});

test("a lost commit of an order is read back, and its outcome is the answer", async () => {
  const proxy = await DatabaseProxy.start(database.connectionString);
  const proxied = await openCartDesk(proxy);
  try {
    const { cartId } = await fillCart();
    proxy.set("lose_commit");
    expect(await proxied.begin(cartId)).toEqual({ kind: "database_unavailable", effect: "none" });
    expect(await database.query("select 1 from orders where cart_id = $1", [cartId])).toEqual([]);
    await vi.waitFor(async () => expect((await proxied.extend(cartId)).kind).toBe("cart_saved"));
    proxy.set("lose_commit_answer");
    const order = await proxied.order(cartId);
    expect(await proxied.read(order.id)).toEqual(order);
    expect(await readJobs(database, order.id)).toEqual(["settle-payment"]);
  } finally {
    await proxied.close();
    await proxy.close();
  }
});
