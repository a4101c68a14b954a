import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectNoEffect } from "../support/expect-no-effect.ts";
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

const detail = "must not lead to a loopback, private or link-local address";

const addresses = [
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
  "http://0x7f.1/",
];

test.each(addresses)(
  "(25) a supplier at %s can neither come with an event nor be put in later",
  async (url) => {
    const errors = [{ pointer: "/restock/supplier_url", detail }];
    const refused = { status: 422, body: { code: "validation_failed", errors } };
    const as = closed.keys.admin;
    const event = await closed.createEvent();
    await expectNoEffect(closed.database, async () => {
      expect(await closed.send("post", "/v1/events", { as, body: termsWith(url) })).toMatchObject(refused);
      const { restock } = termsWith(url);
      const change = { as, body: { restock } };
      expect(await closed.send("patch", `/v1/events/${event.id}`, change)).toMatchObject(refused);
    });
    expect(await closed.readEvent(event.id)).toMatchObject({ restock: null, version: event.version });
  },
);

// Whoever names a receiver may not send a name and password along, so that is refused for another reason.
const receivers = addresses.filter((url) => !url.includes("@"));

test.each(receivers)("(25) a webhook receiver at %s is refused", async (url) => {
  const refused = await expectNoEffect(closed.database, () =>
    closed.send("post", "/v1/webhook-endpoints", {
      as: closed.keys.admin,
      body: { url, event_types: ["order.paid"] },
    }),
  );
  expect(refused).toMatchObject({
    status: 422,
    body: {
      code: "validation_failed",
      errors: [{ pointer: "/url", detail: "must not lead to a private or local network" }],
    },
  });
});

test("(25) a name that cannot be looked up is refused as well", async () => {
  // No name may be that long, so nobody outside is asked for it.
  const url = `https://${"a".repeat(64)}.example/`;
  const as = closed.keys.admin;
  await expectNoEffect(closed.database, async () => {
    expect(await closed.send("post", "/v1/events", { as, body: termsWith(url) })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/restock/supplier_url", detail: "must name a host that can be found" }] },
    });
    const body = { url, event_types: ["order.paid"] };
    expect(await closed.send("post", "/v1/webhook-endpoints", { as, body })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "/url", detail: "must have a host that can be looked up" }] },
    });
  });
});

test("(25) a supplier that was taken before gets the first answer again, wherever its name leads to now", async () => {
  const idempotencyKey = randomUUID();
  const { restock } = termsWith(supplier.url);
  const body = { ...termsWith(supplier.url), capacity: 9, restock };
  const as = closed.keys.admin;
  const first = await open.send("post", "/v1/events", { as, body, idempotencyKey });
  expect(first.status).toBe(201);
  const again = await closed.send("post", "/v1/events", { as, body, idempotencyKey });
  expect([again.status, again.text]).toEqual([201, first.text]);
});

test("(25) a supplier that leads inside only when it is called is not called, and its order is given up", async () => {
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
