import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { grantedTables, grantRights } from "../../api/store/grant-rights.ts";
import { readText as readProjectText } from "../deploy/project-files.ts";
import { awaitCode } from "../support/read-outbox.ts";
import { createClient, type Send } from "../support/http-client.ts";
import { databaseUrl, onServer } from "../support/on-server.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import {
  type Exit,
  type ReadyService,
  runService,
  ServiceProcess,
} from "../support/start-service-process.ts";
import { startSupplier, type SupplierServer } from "../support/start-supplier.ts";
import { waitFor } from "../support/wait-for.ts";
import { OperationsWatcher } from "../support/watch-operations.ts";
import { WebhookReceiver } from "../support/start-webhook-receiver.ts";

const suffix = randomBytes(5).toString("hex");
const ownerRole = `holdfast_${suffix}`;
const serviceRole = `${ownerRole}_at_work`;

let ownerUrl: string;
let serviceUrl: string;
let dataDir: string;
let tooFew: Exit;
let service: ServiceProcess;
let ready: ReadyService;
let send: Send;
let watch: OperationsWatcher;
let supplier: SupplierServer;
let receiver: WebhookReceiver;

/** The statements of one of our files for psql, for roles of this test. */
function statementsOf(file: string): string[] {
  return readProjectText(file)
    .replaceAll(/^--.*$/gm, "")
    .replaceAll(/\bticket_service\b/g, serviceRole)
    .replaceAll(/\bholdfast\b/g, ownerRole)
    .replaceAll(":'password'", "'secret'")
    .split(";")
    .filter((statement) => statement.trim() !== "");
}

function urlAs(role: string): string {
  const url = new URL(databaseUrl(inject("serverUrl"), ownerRole));
  url.username = role;
  url.password = "secret";
  return url.href;
}

const settingsOf = (more: Record<string, string>) => ({
  DATABASE_URL: serviceUrl,
  DATA_DIR: dataDir,
  DEMO: "1",
  WORKERS_MIN: "1",
  WORKERS_MAX: "1",
  WEBHOOKS_ALLOW_PRIVATE: "1",
  ...more,
});

beforeAll(async () => {
  await onServer(inject("serverUrl"), ...statementsOf("deploy/postgres/create-role.sql"));
  await onServer(inject("serverUrl"), ...statementsOf("deploy/postgres/create-service-role.sql"));
  [ownerUrl, serviceUrl] = [urlAs(ownerRole), urlAs(serviceRole)];
  [supplier, receiver] = [await startSupplier(), await WebhookReceiver.start()];
  dataDir = await makeDataDir();
  tooFew = await runService(settingsOf({}));
  service = new ServiceProcess(settingsOf({ MIGRATION_DATABASE_URL: ownerUrl }));
  ready = await service.ready();
  send = createClient(ready.url);
  watch = new OperationsWatcher(ready.opsUrl);
});
afterAll(async () => {
  await service.end("SIGTERM");
  await Promise.allSettled([supplier.close(), receiver.close()]);
  await removeDataDir(dataDir);
  await onServer(
    inject("serverUrl"),
    `drop database ${ownerRole} with (force)`,
    `drop role ${serviceRole}`,
    `drop role ${ownerRole}`,
  );
});

async function call(method: "get" | "post" | "put" | "patch" | "delete", path: string, body?: object) {
  const answer = await send(method, path, { as: ready.adminKey, ...(body !== undefined && { body }) });
  if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
  return answer.body;
}

const createEvent = async (terms: object = {}) =>
  String(
    (await call("post", "/v1/events", { name: "Concert", capacity: 2, max_quantity: 2, ...terms }))["id"],
  );
const holdTickets = async (eventId: string, userId: string, quantity = 1) =>
  String((await call("post", `/v1/events/${eventId}/reservations`, { user_id: userId, quantity }))["id"]);

describe("the service on a role with few rights", () => {
  test("says what it needs while there are no tables yet", () => {
    expect(tooFew).toMatchObject({ code: 1, stderr: expect.stringContaining("set MIGRATION_DATABASE_URL") });
  });

  test("holds, confirms, extends, cancels, changes, pauses and sells carts", async () => {
    const eventId = await createEvent({ capacity: 20, price_cents: 500 });
    await call("post", `/v1/reservations/${await holdTickets(eventId, "ada")}/confirm`);
    const bob = await holdTickets(eventId, "bob");
    await call("post", `/v1/reservations/${bob}/extend`);
    await call("post", `/v1/reservations/${bob}/cancel`);
    await call("patch", `/v1/events/${eventId}`, { capacity: 30 });
    await call("post", `/v1/events/${eventId}/pause`, { reason: "A pause." });
    await call("post", `/v1/events/${eventId}/resume`);
    const cart = `/v1/carts/${randomUUID()}`;
    await call("put", `${cart}/items/${eventId}`, { user_id: "eve", quantity: 2 });
    await call("post", `${cart}/extend`);
    const email = "eve@example.org";
    const order = await call("post", `${cart}/checkout`, {
      email,
      payment: { provider: "demo", token: "tok_ok" },
    });
    const outbox = join(dataDir, "outbox/email.jsonl");
    await waitFor("the receipt", async () =>
      (await readFile(outbox, "utf8").catch(() => "")).includes(email),
    );
    const path = `/v1/orders/${String(order["id"])}`;
    await call("post", `${path}/refund`);
    await waitFor("the refund", async () => (await call("get", path))["status"] === "refunded");
    expect(await call("get", `/v1/events/${eventId}`)).toMatchObject({ sold: 1, capacity: 30 });
  });

  test("verifies phones", async () => {
    const phone = "+14155550187";
    const customer = { first_name: "Ada", last_name: "L", email: "ada@example.org", phone_number: phone };
    const made = await call("post", "/v1/customers", { request_id: randomUUID(), customer });
    const { id } = made["customer"] as { readonly id: string };
    const verify = { verification_code: await awaitCode(dataDir, phone) };
    await call("post", `/v1/customers/${id}/verify`, verify);
    expect(await call("get", `/v1/customers/${id}`)).toMatchObject({ customer: { id } });
  });

  test("orders more tickets, and takes their delivery", async () => {
    supplier.behave({ status: 202, body: { status: "accepted", reference: "PO-1" } });
    const eventId = await createEvent({ restock: { threshold: 1, quantity: 5, supplier_url: supplier.url } });
    await call("post", `/v1/reservations/${await holdTickets(eventId, "ada", 2)}/confirm`);
    const order = await waitFor("the supplier to take the order", async () => {
      const { data } = (await call("get", `/v1/events/${eventId}/restock-orders`)) as unknown as {
        data: { id: string; status: string }[];
      };
      return data.find(({ status }) => status === "placed");
    });
    await call("post", "/v1/supplier-deliveries", { restock_order_id: order.id, quantity: 5 });
    await holdTickets(eventId, "bob");
    expect(await call("get", `/v1/events/${eventId}`)).toMatchObject({ capacity: 7, held: 1, sold: 2 });
  });

  test("tells what happens, and manages who is told", async () => {
    const endpoint = await call("post", "/v1/webhook-endpoints", {
      url: receiver.url,
      event_types: ["reservation.held", "reservation.expired"],
    });
    const path = `/v1/webhook-endpoints/${String(endpoint["id"])}`;
    const eventId = await createEvent({ hold_seconds: 1 });
    const id = await holdTickets(eventId, "ada");
    // Held, and then swept when its second is over.
    const messages = await receiver.waitForAbout(id, 2);
    expect(messages.map(({ type }) => type)).toEqual(["reservation.held", "reservation.expired"]);
    await call("post", `${path}/messages/${messages[0]?.id}/resend`);
    await call("post", `${path}/rotate-secret`);
    await call("delete", path);
  });

  test("makes and ends keys and tokens, and shows the operator everything", async () => {
    const key = await call("post", "/v1/api-keys", { name: "shop", role: "service" });
    await call("delete", `/v1/api-keys/${String(key["id"])}`);
    await call("post", "/v1/buyer-tokens", { user_id: "ada" });
    for (const page of ["overview", "nodes", "sales", "reservations?user_id=ada", "jobs"])
      expect((await fetch(`${ready.opsUrl}/ops/v1/${page}`)).status).toBe(200);
  });

  test("does all of its background work without being refused anything", async () => {
    const { queues } = await watch.jobs();
    for (const { name } of queues.filter(({ can_run_now }) => can_run_now)) {
      const run = await fetch(`${ready.opsUrl}/ops/v1/jobs/${name}/run`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      });
      expect([name, run.status]).toEqual([name, 204]);
    }
    // Every payment was settled by the request that began it.
    const idle = new Set(["settle-payment"]);
    await waitFor("every other job to have run", async () =>
      (await watch.jobs()).queues.every(({ name, runs_total }) => runs_total > 0 || idle.has(name)),
    );
    // On a busy machine something may fail for another reason, and is done again.
    const isRefusal = (text: string | null) => text?.includes("permission denied") === true;
    const failed = (await watch.jobs()).queues.filter(({ last_error }) => isRefusal(last_error));
    expect(failed.map(({ name, last_error }) => `${name}: ${last_error}`)).toEqual([]);
    const told = (await watch.errors()).data.map(({ message, stack }) => `${message} ${stack}`);
    expect(told.filter(isRefusal)).toEqual([]);
  });

  test("starts again on its own once the schema is up to date", { timeout: 60_000 }, async () => {
    const alone = new ServiceProcess(settingsOf({ DATA_DIR: `${dataDir}/alone` }));
    await alone.ready();
    expect((await alone.end("SIGTERM")).code).toBe(0);
  });
});

describe("that role", () => {
  let client: pg.Client;
  beforeAll(async () => {
    client = new pg.Client({ connectionString: serviceUrl });
    await client.connect();
  });
  afterAll(() => client.end());

  test.each([
    ...grantedTables.flatMap((table) => [
      `drop table ${table}`,
      `truncate ${table}`,
      `alter table ${table} add x int`,
    ]),
    ...["reservations", "orders", "events", "customers", "verifications", "restock_orders"].map(
      (table) => `delete from ${table}`,
    ),
    ...["api_keys", "signing_secrets", "event_audits", "kysely_migration"].map(
      (table) => `delete from ${table}`,
    ),
    "update signing_secrets set secret = ''",
    "update kysely_migration set name = 'x'",
    "create table x (id int)",
    "create temporary table x (id int)",
    "create schema x",
    "create index x on reservations (user_id)",
    "create function x() returns int language sql as 'select 1'",
    "alter table reservations disable trigger all",
    "alter table reservations drop constraint reservations_pkey",
    "drop schema pgboss cascade",
    "truncate pgboss.job",
    "drop table pgboss.job",
    `drop database ${ownerRole}`,
    `set role ${ownerRole}`,
    `alter role ${serviceRole} superuser`,
    "create role x",
    "copy reservations to program 'cat'",
    "copy reservations to '/tmp/x'",
    "select pg_read_file('PG_VERSION')",
    "select rolpassword from pg_authid",
    "alter system set fsync = off",
    "select pg_reload_conf()",
    "create extension dblink",
  ])("may not: %s", async (statement) => {
    await expect(client.query(statement)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:42501|0A000)$/),
    });
  });

  test("is given rights on every table that there is, so that none is forgotten", async () => {
    const { rows } = await client.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
    );
    expect(rows.map(({ name }) => name).toSorted()).toEqual(grantedTables.toSorted());
  });

  test("loses what it was given beside that, and an owner is left alone", async () => {
    await onServer(ownerUrl, `grant delete on reservations to ${serviceRole}`);
    expect(await grantRights(ownerUrl, serviceUrl)).toBe(serviceRole);
    await expect(client.query("delete from reservations")).rejects.toMatchObject({ code: "42501" });
    expect(await grantRights(ownerUrl, ownerUrl)).toBeNull();
  });
});
