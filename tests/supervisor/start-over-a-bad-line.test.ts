import { afterAll, beforeAll, expect, test } from "vitest";
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
