import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { startSupplier, type SupplierServer } from "../support/start-supplier.ts";
import { waitFor } from "../support/wait-for.ts";

// Whoever may create events must not reach our own network through us.

let closed: TestService;
let open: TestService;
let supplier: SupplierServer;

beforeAll(async () => {
  closed = await openTestService({ allowPrivateAddresses: false });
  open = await openTestService({ database: closed.database });
  supplier = await startSupplier();
});
afterAll(async () => {
  await Promise.all([open.close(), supplier.close()]);
  await closed.close();
});

const termsWith = (supplier_url: string) => ({
  name: "Concert",
  capacity: 1,
  restock: { threshold: 1, quantity: 5, supplier_url },
});
const countEvents = async () => {
  const [row] = await closed.database.query<{ events: number }>("select count(*)::int as events from events");
  return row?.events;
};

const detail = "must not lead to a loopback, private or link-local address";

describe("a supplier", () => {
  test.each([
    "http://127.0.0.1:5432/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0.0.0.0/",
    "http://[::1]:8080/orders",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a00:1]/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "https://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://100.64.0.1/",
    "http://localhost:3000/",
    "http://LOCALHOST./",
    "http://shop.localhost/",
    "http://printer.local/",
    "http://metadata.internal/",
    "http://user:secret@127.0.0.1/",
  ])("at %s can neither come with an event nor be put in later", async (url) => {
    const before = await countEvents();
    const errors = [{ pointer: "/restock/supplier_url", detail }];
    const refused = { status: 422, body: { code: "validation_failed", errors } };
    const as = closed.keys.admin;
    expect(await closed.send("post", "/v1/events", { as, body: termsWith(url) })).toMatchObject(refused);
    expect(await countEvents()).toBe(before);
    const event = await closed.createEvent();
    const { restock } = termsWith(url);
    const path = `/v1/events/${event.id}`;
    expect(await closed.send("patch", path, { as, body: { restock } })).toMatchObject(refused);
    expect(await closed.readEvent(event.id)).toMatchObject({ restock: null, version: event.version });
  });

  test("whose name cannot be looked up is refused as well", async () => {
    // No name may be that long, so nobody outside is asked for it.
    const url = `https://${"a".repeat(64)}.example/`;
    const sent = { as: closed.keys.admin, body: termsWith(url) };
    expect(await closed.send("post", "/v1/events", sent)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/restock/supplier_url", detail: "must name a host that can be found" }] },
    });
  });

  test("at an address of the public network is taken, and so is the built-in one", async () => {
    expect(await closed.createEvent(termsWith("https://1.1.1.1/orders"))).toMatchObject({ capacity: 1 });
    expect(await closed.createEvent(termsWith("demo:"))).toMatchObject({ capacity: 1 });
  });

  test("that was taken before gets the first answer again, wherever its name leads to now", async () => {
    const idempotencyKey = randomUUID();
    const { restock } = termsWith(supplier.url);
    const body = { ...termsWith(supplier.url), capacity: 9, restock };
    const as = closed.keys.admin;
    const first = await open.send("post", "/v1/events", { as, body, idempotencyKey });
    expect(first.status).toBe(201);
    const again = await closed.send("post", "/v1/events", { as, body, idempotencyKey });
    expect([again.status, again.text]).toEqual([201, first.text]);
  });

  test("that leads inside only when it is called is not called, and its order is given up", async () => {
    // What a name led to when it was checked may have changed since: the connection is what counts.
    const event = await closed.createEvent({ capacity: 2 });
    const restock = { threshold: 1, quantity: 5, supplier_url: supplier.url };
    await closed.database.query("update events set restock = $2 where id = $1", [
      event.id,
      JSON.stringify(restock),
    ]);
    await open.close();
    await closed.hold(event.id, "ada");
    await closed.hold(event.id, "bob");
    const [order] = await waitFor("the order to be given up", async () => {
      const rows = await closed.database.query(
        "select status, attempts, last_error from restock_orders where event_id = $1 and closed_at is not null",
        [event.id],
      );
      return rows.length > 0 && rows;
    });
    expect(order).toEqual({
      status: "given_up",
      attempts: 1,
      last_error: "127.0.0.1 is not an address of the public network.",
    });
    expect(supplier.calls).toEqual([]);
    open = await openTestService({ database: closed.database });
  });
});
