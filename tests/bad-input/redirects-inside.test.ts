import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type * as privateAddresses from "../../api/providers/outside/private-addresses.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

// A server of this machine stands for one of the public network; all other private networks stay closed.
vi.mock("../../api/providers/outside/private-addresses.ts", async (importOriginal) => {
  const { withPublicLoopback } = await import("../support/public-loopback.ts");
  return withPublicLoopback(await importOriginal<typeof privateAddresses>());
});

type Answer = (outgoing: ServerResponse) => void;

let service: TestService;
let server: ReturnType<typeof createServer>;
let url: string;
let answer: Answer;
const asked: Pick<IncomingMessage, "method" | "url">[] = [];

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    asked.push({ method: incoming.method, url: incoming.url });
    answer(outgoing);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
  service = await openTestService({ allowPrivateAddresses: false });
});
beforeEach(() => {
  asked.length = 0;
});
afterAll(async () => {
  await service.close();
  server.close();
  server.closeAllConnections();
});

const redirectTo =
  (location: string, status = 302): Answer =>
  (outgoing) =>
    outgoing.writeHead(status, { location }).end();

const supplierTerms = (supplier_url: string) => ({ threshold: 1, quantity: 5, supplier_url });
const nameReceiver = (idempotencyKey: string = randomUUID()) =>
  service.send("post", "/v1/webhook-endpoints", {
    as: service.keys.admin,
    body: { url, event_types: ["order.paid"] },
    idempotencyKey,
  });
const nameSupplier = () =>
  service.send("post", "/v1/events", {
    as: service.keys.admin,
    body: { name: "Concert", capacity: 10, restock: supplierTerms(url) },
  });

const inside: [location: string, status: number][] = [
  ["http://10.0.0.1/", 301],
  ["http://169.254.169.254/latest/meta-data/", 302],
  ["https://[::1]:5432/", 303],
  ["http://[::ffff:192.168.0.1]/", 307],
  ["//localhost/", 308],
  ["http://2886729729/", 302],
  ["http://printer.local./", 302],
  ["gopher://192.168.1.1:70/", 302],
];

test.each(inside)(
  "(25) an address that redirects inside is refused for receivers and suppliers: %s",
  async (location, status) => {
    answer = redirectTo(location, status);
    const event = await service.createEvent();
    await expectNoEffect(service.database, async () => {
      expect(await nameReceiver()).toMatchObject({
        status: 422,
        body: {
          code: "validation_failed",
          errors: [{ pointer: "/url", detail: "must not redirect to a private or local network" }],
        },
      });
      const detail = "must not redirect to a loopback, private or link-local address";
      const refused = {
        status: 422,
        body: { code: "validation_failed", errors: [{ pointer: "/restock/supplier_url", detail }] },
      };
      expect(await nameSupplier()).toMatchObject(refused);
      const change = { as: service.keys.admin, body: { restock: supplierTerms(url) } };
      expect(await service.send("patch", `/v1/events/${event.id}`, change)).toMatchObject(refused);
    });
    // Each was asked once, for nothing but its headers, and nobody went where it leads.
    const look = { method: "HEAD", url: "/hooks" };
    expect(asked).toEqual([look, look, look]);
  },
);

const harmless: [what: string, answer: Answer][] = [
  ["redirects to the public network", redirectTo("https://1.1.1.1/hooks")],
  ["redirects within itself", redirectTo("/elsewhere")],
  ["redirects to no network", redirectTo("javascript:alert(1)")],
  ["redirects to what is no address", redirectTo("http://[")],
  ["names a place inside without redirecting", redirectTo("http://10.0.0.1/", 201)],
  ["takes nothing but messages", (outgoing) => outgoing.writeHead(405).end()],
  ["fails", (outgoing) => outgoing.writeHead(500).end("no")],
  ["breaks the connection", (outgoing) => outgoing.destroy()],
  ["does not answer in time", () => {}],
  ["speaks no HTTP", (outgoing) => outgoing.socket?.end("hello\r\n\r\n")],
];

test.each(harmless)("(25) an address is taken whose server %s", async (_what, given) => {
  answer = given;
  const made = await nameReceiver();
  expect(made).toMatchObject({ status: 201, body: { url } });
  expect(await nameSupplier()).toMatchObject({ status: 201 });
  const path = `/v1/webhook-endpoints/${String(made.body["id"])}`;
  await service.send("delete", path, { as: service.keys.admin });
});

test("(25) an address where nobody listens is taken: a receiver may be down while it is named", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, "close");
  const body = { url: `http://127.0.0.1:${port}/`, event_types: ["order.paid"] };
  expect(await service.send("post", "/v1/webhook-endpoints", { as: service.keys.admin, body })).toMatchObject(
    { status: 201 },
  );
});

test("(25) an address that was taken before gets the first answer again, wherever it redirects now", async () => {
  answer = (outgoing) => outgoing.writeHead(204).end();
  const key = randomUUID();
  const first = await nameReceiver(key);
  expect(first.status).toBe(201);
  answer = redirectTo("http://10.0.0.1/");
  expect(await nameReceiver(key)).toMatchObject({ status: 201, text: first.text });
});

test("(25) an address is not asked anything where private networks are open", async () => {
  const open = await openTestService({ database: service.database, allowPrivateAddresses: true });
  answer = redirectTo("http://10.0.0.1/");
  const body = { url, event_types: ["order.paid"] };
  expect(await open.send("post", "/v1/webhook-endpoints", { as: open.keys.admin, body })).toMatchObject({
    status: 201,
  });
  expect(asked).toEqual([]);
  await open.close();
});
