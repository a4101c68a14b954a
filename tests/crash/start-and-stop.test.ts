import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient } from "../support/http-client.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { runService, ServiceProcess } from "../support/start-service-process.ts";

let dataDir: string;
let database: TestDatabase;

beforeAll(async () => {
  dataDir = await makeDataDir();
  database = await openTestDatabase({ empty: true });
});
afterAll(async () => {
  await database.close();
  await removeDataDir(dataDir);
});

describe("a mistake in the configuration", () => {
  const mistakes: [what: string, settings: Record<string, string>, flags: string[], sentence: string][] = [
    [
      "a port that is none",
      { PORT: "eighty" },
      [],
      'PORT must be a port number from 0 to 65535, not "eighty".',
    ],
    [
      "a port beyond the last",
      {},
      ["--port", "65536"],
      'PORT must be a port number from 0 to 65535, not "65536".',
    ],
    [
      "a log level that does not exist",
      { LOG_LEVEL: "loud" },
      [],
      "LOG_LEVEL must be one of fatal, error, warn",
    ],
    ["a DEMO that is neither", { DEMO: "yes" }, [], 'DEMO must be 0 or 1, not "yes".'],
    [
      "a proxy that is no address",
      { TRUSTED_PROXIES: "me" },
      [],
      "TRUSTED_PROXIES must be addresses or networks",
    ],
    [
      "a database of another make",
      { DATABASE_URL: "mysql://root:hunter2@db/x" },
      [],
      "DATABASE_URL must be a URL such as",
    ],
    [
      "an admin key of another form",
      { HOLDFAST_ADMIN_KEY: "hunter2" },
      [],
      "HOLDFAST_ADMIN_KEY must be hf_admin_",
    ],
    ["a flag that does not exist", {}, ["--prot", "80"], "unknown option '--prot' (Did you mean --port?)"],
    ["an argument that nobody asked for", {}, ["please"], "too many arguments"],
  ];
  test.each(mistakes)(
    "stops the start with 2 and one sentence: %s",
    async (_what, settings, flags, sentence) => {
      const exit = await runService({ DATA_DIR: dataDir, ...settings }, flags);
      expect(exit).toMatchObject({ code: 2, stdout: "" });
      expect(exit.stderr).toContain(sentence);
      expect(exit.stderr.trim().split("\n")).toHaveLength(1);
      expect(exit.stderr).not.toContain("hunter2");
      expect(exit.stderr).not.toMatch(/^\s+at /m);
    },
  );

  test("names every mistake at once", async () => {
    const { code, stderr } = await runService({ DATA_DIR: dataDir, PORT: "x", DEMO: "2" });
    expect({ code, lines: stderr.trim().split("\n").length }).toEqual({ code: 2, lines: 2 });
  });
});

test("the help is shown on request, and that is no failure", async () => {
  const exit = await runService({ DATA_DIR: dataDir }, ["--help"]);
  expect(exit).toMatchObject({ code: 0, stderr: "" });
  for (const setting of ["--port", "--database-url", "--data-dir", "--log-level", "npm start"]) {
    expect(exit.stdout).toContain(setting);
  }
});

test("a port that is taken stops the start with 2 and a sentence that names the setting", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));
  const port = String((squatter.address() as AddressInfo).port);
  try {
    const exit = await runService({ DATA_DIR: dataDir, PORT: port, DATABASE_URL: database.connectionString });
    expect(exit).toMatchObject({ code: 2, stdout: "" });
    expect(exit.stderr.trim()).toBe(`Port ${port} on 127.0.0.1 is taken; set PORT to another one.`);
  } finally {
    squatter.close();
  }
});

test("a port that the service may choose is none that outgoing connections take", async () => {
  const service = new ServiceProcess({ DATA_DIR: dataDir, DATABASE_URL: database.connectionString });
  try {
    const { url } = await service.ready();
    // Below the range of Linux, which begins lowest.
    expect(Number(new URL(url).port)).toBeLessThan(32_768);
  } finally {
    await service.end("SIGTERM");
  }
});

test("an address that this machine does not have stops the start with 2", async () => {
  const exit = await runService({
    DATA_DIR: dataDir,
    HOST: "192.0.2.1",
    DATABASE_URL: database.connectionString,
  });
  expect(exit).toMatchObject({
    code: 2,
    stderr: "192.0.2.1 is no address of this machine; set HOST to one that is.\n",
  });
});

test("a database that does not answer stops the start with 1 and a sentence", async () => {
  const exit = await runService({ DATA_DIR: dataDir, DATABASE_URL: "postgres://u:hunter2@127.0.0.1:1/d" });
  expect(exit).toMatchObject({ code: 1, stdout: "" });
  expect(exit.stderr).toMatch(
    /^The database cannot be reached \(.+\); check DATABASE_URL and that it runs\.\n$/,
  );
  expect(exit.stderr).not.toContain("hunter2");
});

describe("a service on a database of one's own", () => {
  test("migrates it, sells, keeps its admin key in a private file and shows the same one after a restart", async () => {
    const settings = { DATA_DIR: dataDir, DATABASE_URL: database.connectionString };
    const first = new ServiceProcess(settings);
    const { url, adminKey, greeting } = await first.ready();
    const send = createClient(url);
    const created = await send("post", "/v1/events", { as: adminKey, body: { name: "n", capacity: 1 } });
    expect(created.status).toBe(201);
    expect(greeting).toContain("in the PostgreSQL at DATABASE_URL");
    expect((await send("post", "/v1/buyer-tokens")).status).toBe(401);
    expect((await stat(join(dataDir, "admin-key"))).mode & 0o777).toBe(0o600);
    expect((await readFile(join(dataDir, "admin-key"), "utf8")).trim()).toBe(adminKey);
    expect(await first.end("SIGINT")).toMatchObject({ code: 0 });

    const second = new ServiceProcess(settings);
    expect((await second.ready()).adminKey).toBe(adminKey);
    expect(await second.end("SIGTERM")).toMatchObject({ code: 0 });
  });

  test("takes the admin key that is configured, does not show it, and ends the one before it", async () => {
    const key = (name: string) => `hf_admin_${name.repeat(20)}`;
    for (const name of ["a", "b"]) {
      const settings = {
        DATA_DIR: dataDir,
        DATABASE_URL: database.connectionString,
        HOLDFAST_ADMIN_KEY: key(name),
      };
      const service = new ServiceProcess(settings);
      const { url, greeting } = await service.ready();
      expect(greeting).not.toContain(key(name));
      const send = createClient(url);
      expect(await send("get", "/v1/api-keys", { as: key(name) })).toMatchObject({ status: 200 });
      expect(await send("get", "/v1/api-keys", { as: key(name === "a" ? "b" : "a") })).toMatchObject({
        status: 401,
      });
      expect(await service.end("SIGTERM")).toMatchObject({ code: 0 });
    }
  });

  test("gives tokens to guests when it is asked to be a demo", async () => {
    const service = new ServiceProcess({
      DATA_DIR: dataDir,
      DATABASE_URL: database.connectionString,
      DEMO: "1",
    });
    const { url } = await service.ready();
    expect((await createClient(url)("post", "/v1/buyer-tokens")).status).toBe(201);
    expect(await service.end("SIGTERM")).toMatchObject({ code: 0 });
  });

  test("stops when it is told to while it still waits to migrate", async () => {
    const fresh = await openTestDatabase({ empty: true });
    try {
      const settings = { DATA_DIR: dataDir, DATABASE_URL: fresh.connectionString };
      const migrated = new ServiceProcess(settings);
      await migrated.ready();
      await migrated.end("SIGTERM");
      const blocker = await fresh.connect();
      await blocker.query("begin");
      await blocker.query("lock table kysely_migration, kysely_migration_lock in access exclusive mode");
      const service = new ServiceProcess(settings);
      await waitFor("the service to wait", async () => {
        const waiting = await fresh.query(
          "select 1 from pg_stat_activity where application_name = 'holdfast migrations' and wait_event_type = 'Lock' and datname = current_database()",
        );
        return waiting.length > 0;
      });
      expect(await service.end("SIGTERM")).toMatchObject({ code: 0, stdout: "" });
    } finally {
      await fresh.close();
    }
  });
});
