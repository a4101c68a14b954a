import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UnusableDatabaseError } from "../../api/store/check-database.ts";
import { repeatWhileUnavailable } from "../../api/supervisor/repeat-while-unavailable.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { DatabaseProxy } from "../support/start-database-proxy.ts";
import { ServiceProcess } from "../support/start-service-process.ts";

let database: TestDatabase;
let dataDir: string;

beforeAll(async () => {
  [database, dataDir] = [await openTestDatabase({ empty: true }), await makeDataDir()];
});
afterAll(async () => {
  await database.close();
  await removeDataDir(dataDir);
});

test("a start whose first migration loses its connection tries again, and sells", async () => {
  const proxy = await DatabaseProxy.start(database.connectionString);
  proxy.set("lose_commit");
  const service = new ServiceProcess({ DATABASE_URL: proxy.connectionString, DATA_DIR: dataDir });
  const { url } = await service.ready();
  expect(proxy.commitsLost).toBe(1);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const { stderr } = await service.end("SIGTERM");
  expect(stderr).toContain("broke during the start");
  await proxy.close();
});

test("a start whose first connections are reset tries again, and sells", async () => {
  const { hostname, port } = new URL(database.connectionString);
  let count = 0;
  const server = createServer((client) => {
    count += 1;
    if ([1, 2, 4].includes(count)) {
      client.resetAndDestroy();
      return;
    }
    const link = connect(Number(port), hostname);
    client.on("error", () => link.destroy());
    link.on("error", () => client.destroy());
    client.pipe(link).pipe(client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const behind = new URL(database.connectionString);
  behind.port = String((server.address() as AddressInfo).port);
  const service = new ServiceProcess({ DATABASE_URL: behind.href, DATA_DIR: dataDir });
  const { url } = await service.ready();
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const { stderr } = await service.end("SIGTERM");
  expect(stderr.split("broke during the start")).toHaveLength(4);
  server.close();
});

const calm = { signal: new AbortController().signal, onBreak: () => {} };

test("what is no failure of the connection ends the start at once", async () => {
  let tries = 0;
  const work = async () => {
    tries += 1;
    throw new Error("a mistake");
  };
  await expect(repeatWhileUnavailable(work, calm)).rejects.toThrow("a mistake");
  expect(tries).toBe(1);
});

test.each([
  ["too old", undefined],
  ["not there", Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })],
  ["without such a role", Object.assign(new Error("no such role"), { code: "28000" })],
  ["without such a database", Object.assign(new Error("no such database"), { code: "3D000" })],
])("a server that is %s ends the start at once", async (_, cause) => {
  let tries = 0;
  const work = async () => {
    tries += 1;
    throw new UnusableDatabaseError("Of no use.", { cause });
  };
  await expect(repeatWhileUnavailable(work, calm)).rejects.toThrow("Of no use.");
  expect(tries).toBe(1);
});

test("a database that stays away ends the start after some tries", async () => {
  let tries = 0;
  const work = async () => {
    tries += 1;
    throw new Error("Connection terminated unexpectedly");
  };
  await expect(repeatWhileUnavailable(work, calm)).rejects.toThrow("Connection terminated");
  expect(tries).toBe(5);
});

test("a stop that is asked for meanwhile is heeded", async () => {
  const stopping = new AbortController();
  const work = async () => {
    throw new Error("Connection terminated unexpectedly");
  };
  const repeated = repeatWhileUnavailable(work, {
    signal: stopping.signal,
    onBreak: () => stopping.abort(),
  });
  await expect(repeated).rejects.toThrow("aborted");
});
