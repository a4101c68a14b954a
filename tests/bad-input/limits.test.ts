import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { listen } from "../../api/http/listen.ts";
import { timeouts } from "../../api/store/timeouts.ts";
import { openTestOperations, type TestOperations } from "../operations/open-test-operations.ts";
import { freshPhone } from "../support/customer-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { openTestDatabase } from "../support/open-test-database.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { openRawConnection, parseResponse } from "../support/send-raw-request.ts";
import { ServiceProcess } from "../support/start-service-process.ts";
import { waitFor } from "../support/wait-for.ts";
import { headOf, holdBody } from "./raw-requests.ts";

// A whole service starts beside all other tests.
vi.setConfig({ testTimeout: 90_000 });

let service: TestService;
let operations: TestOperations;

beforeAll(async () => {
  const arrivalLimits = { requestMs: 1_000, checkEveryMs: 100 };
  const rateLimits = { anonymousMax: 1_000, buyerMax: 3, signupMax: 1_000 };
  service = await openTestService({ arrivalLimits, rateLimits });
  const { connectionString } = service.database;
  operations = await openTestOperations({ connectionString, isStarted: false, arrivalLimits });
});
afterAll(async () => {
  await operations.close();
  await service.close();
});

test("(16) slow headers and slow bodies are closed by both listeners, and others are served meanwhile", async () => {
  const event = await service.createEvent();
  const places: [url: string, path: string][] = [
    [service.url, `/v1/events/${event.id}/reservations`],
    [operations.url, `/ops/v1/sales/${event.id}/pause`],
  ];
  const size = `Content-Length: ${holdBody.length}`;
  const slow = places.flatMap(([url, path]) => {
    const head = headOf(path, service.keys.service, size);
    // Nothing but the start of the headers; headers without their body; half a body.
    return [head.slice(0, -4), head, head + holdBody.slice(0, 8)].map((bytes) => ({ url, bytes }));
  });
  const responses = await expectNoEffect(service.database, async () => {
    const connections = await Promise.all(
      slow.map(async ({ url, bytes }) => {
        const connection = await openRawConnection(url);
        connection.send(bytes);
        return connection;
      }),
    );
    for (const [url] of places) expect((await fetch(`${url}/livez`)).status).toBe(200);
    return Promise.all(connections.map((connection) => connection.readUntilClosed()));
  });
  expect(responses).toHaveLength(6);
  for (const response of responses.map(parseResponse)) {
    expect(response).toMatchObject({
      status: 408,
      headers: { "content-type": "application/problem+json; charset=utf-8" },
    });
    expect(JSON.parse(response.body)).toMatchObject({ code: "request_timeout" });
  }
});

test("(16) a second request on a connection has no more time than the first", async () => {
  const { id } = await service.createEvent();
  const size = `Content-Length: ${holdBody.length}`;
  const head = headOf(`/v1/events/${id}/reservations`, service.keys.service, size);
  const connection = await openRawConnection(service.url);
  connection.send(head.replace("Connection: close\r\n", "") + holdBody);
  connection.send(head + holdBody.slice(0, 8));
  const text = await connection.readUntilClosed();
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 201", "HTTP/1.1 408"]);
});

test("(16) what is not closed at the limit is noticed within a second", async () => {
  // Both listeners of a service are opened so, without limits of their own.
  const server = await listen(() => {}, { host: "127.0.0.1", port: 0, setting: "PORT" });
  const limits = server as unknown as Readonly<Record<string, number>>;
  expect(limits["requestTimeout"]).toBe(10_000);
  expect(limits["headersTimeout"]).toBe(10_000);
  expect(limits["connectionsCheckingInterval"]).toBeLessThanOrEqual(1_000);
  await new Promise((resolve) => server.close(resolve));
});

test("(19) a buyer over the rate is told when to come back, and gets nothing done until then", async () => {
  const event = await service.createEvent();
  const as = await service.makeBuyerToken("ada");
  const within = [];
  for (let count = 0; count < 3; count += 1) {
    within.push(await service.askForHold(event.id, "ada", { as, idempotencyKey: `k${count}` }));
  }
  expect(within.map(({ status }) => status)).toEqual([201, 409, 409]);
  expect(within[0]?.headers).toMatchObject({
    "ratelimit-policy": '"buyer";q=3;w=10',
    ratelimit: expect.stringMatching(/^"buyer";r=2;t=\d+$/),
  });
  const other = await service.createEvent();
  const refused = await expectNoEffect(service.database, () => service.askForHold(other.id, "ada", { as }));
  expect(refused).toMatchObject({
    status: 429,
    body: { code: "rate_limited" },
    headers: {
      ratelimit: expect.stringMatching(/^"buyer";r=0;/),
      "retry-after": expect.stringMatching(/^\d+$/),
    },
  });
});

/** Signs a new phone up on a connection of its own, without a key. */
async function signUpAlone(url: string) {
  const customer = {
    first_name: "Ada",
    last_name: "Lovelace",
    email: "ada@example.org",
    phone_number: freshPhone(),
  };
  const response = await fetch(`${url}/v1/customers`, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close" },
    body: JSON.stringify({ request_id: randomUUID(), customer }),
  });
  const { code } = (await response.json()) as { readonly code?: string };
  return { status: response.status, headers: response.headers, code };
}

/** How many requests each worker that is ready has served. */
async function readRequests(opsUrl: string): Promise<number[]> {
  const response = await fetch(`${opsUrl}/ops/v1/workers`);
  const { data } = (await response.json()) as {
    readonly data: readonly { readonly state: string; readonly requests_total: number }[];
  };
  return data.filter(({ state }) => state === "ready").map(({ requests_total }) => requests_total);
}

test("(19) a limit is one for a machine: its workers do not multiply it", async () => {
  const [database, dataDir] = [await openTestDatabase(), await makeDataDir()];
  const several = new ServiceProcess({
    DATA_DIR: dataDir,
    DATABASE_URL: database.connectionString,
    WORKERS_MIN: "2",
    WORKERS_MAX: "2",
    PUBLIC_SIGNUP: "1",
    SIGNUPS_PER_10_MINUTES: "4",
  });
  try {
    const { url, opsUrl } = await several.ready();
    await waitFor("both workers", async () => (await readRequests(opsUrl)).length === 2);
    // The window is of ten minutes, so all of these fall into one.
    const answers = await Promise.all(Array.from({ length: 24 }, () => signUpAlone(url)));
    const counts = Map.groupBy(answers, ({ status }) => status);
    expect([counts.get(201)?.length, counts.get(429)?.length]).toEqual([4, 20]);
    for (const { headers, code } of counts.get(429) ?? []) {
      expect(code).toBe("rate_limited");
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(500);
      expect(headers.get("ratelimit-policy")).toBe('"signup";q=4;w=600');
    }
    // Each worker was asked, or this would say nothing about several.
    await waitFor("each worker to tell of its requests", async () => {
      const requests = await readRequests(opsUrl);
      return requests.length === 2 && requests.every((count) => count > 0);
    });
    const rows = await database.query("select 1 from customers");
    expect(rows).toHaveLength(4);
  } finally {
    await several.end("SIGTERM");
    await removeDataDir(dataDir);
    await database.close();
  }
});

test("(21) with its connections all in use, a request is refused within a second, and sales go on", async () => {
  expect(timeouts.connectMs).toBeLessThanOrEqual(1_000);
  const { database, keys, send, services } = service;
  const event = await service.createEvent();
  const release = await useEveryConnection(services);
  // Without a limit these would wait for as long as the connections are in use.
  const body = { name: "Never made", capacity: 1 };
  const refused = await expectNoEffect(database, () =>
    Promise.all([
      send("get", `/v1/events/${event.id}`),
      send("post", "/v1/events", { as: keys.admin, body }),
    ]),
  );
  for (const { status, body: problem, headers } of refused) {
    expect([status, problem["code"]]).toEqual([503, "database_unavailable"]);
    expect(headers["retry-after"]).toMatch(/^[1-9]\d*$/);
  }
  expect(await service.askForHold(event.id, "ada")).toMatchObject({ status: 201 });
  expect(await send("get", "/livez")).toMatchObject({ status: 200 });
  await release();
  expect(await service.readEvent(event.id)).toMatchObject({ held: 1 });
});

test("(21) a request that waits for a locked table in vain is told to come back, too", async () => {
  const { database, keys, send } = service;
  const blocker = await database.connect();
  await blocker.query("begin");
  await blocker.query("lock table orders in access exclusive mode");
  const refused = await send("get", "/v1/orders", { as: keys.service });
  await blocker.query("rollback");
  expect(refused).toMatchObject({ status: 503, body: { code: "database_unavailable" } });
});

/** Takes the connections that the service has for everything but the desk. @returns what gives them back */
async function useEveryConnection({ database }: TestService["services"]): Promise<() => Promise<void>> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const taken = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const uses = taken.map(({ resolve }) =>
    database.connection().execute(async () => {
      resolve();
      await released;
    }),
  );
  await Promise.all(taken.map(({ promise }) => promise));
  return async () => {
    release();
    await Promise.all(uses);
  };
}
