import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findEmbeddedPostgres } from "../../api/store/embedded/start-embedded-postgres.ts";
import { makeDataDir, query, start, startInChild } from "./embedded-trial.ts";

test(
  "the first start creates a durable UTF-8 database that only this machine can reach",
  { timeout: 30_000 },
  async () => {
    const dataDir = makeDataDir();
    const database = await start(dataDir);
    expect(database.adopted).toBe(false);
    const names = [
      "fsync",
      "synchronous_commit",
      "data_checksums",
      "server_encoding",
      "listen_addresses",
      "unix_socket_directories",
      "password_encryption",
    ];
    const columns = names.map((name) => `current_setting('${name}') as ${name}`);
    const [settings] = await query(
      database.connectionString,
      `select ${columns.join(", ")}, current_database() as database, current_setting('server_version_num')::int / 10000 as major`,
    );
    expect(settings).toEqual({
      fsync: "on",
      synchronous_commit: "on",
      data_checksums: "on",
      server_encoding: "UTF8",
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      password_encryption: "scram-sha-256",
      database: "holdfast",
      major: 18,
    });
    expect(statSync(join(dataDir, "postgres-password")).mode & 0o777).toBe(0o600);
    const withoutPassword = database.connectionString.replace(/:[^:@/]+@/, ":wrong@");
    await expect(query(withoutPassword, "select 1")).rejects.toMatchObject({ code: "28P01" });
  },
);

test("a restart keeps the data and the address", { timeout: 30_000 }, async () => {
  const dataDir = makeDataDir();
  const first = await start(dataDir);
  await query(first.connectionString, "create table kept as select 42 as answer");
  await first.stop();
  expect(await findEmbeddedPostgres({ dataDir })).toBeNull();
  await expect(query(first.connectionString, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });

  const second = await start(dataDir);
  expect(second.adopted).toBe(false);
  expect(second.connectionString).toBe(first.connectionString);
  expect(await query(second.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
  expect(await findEmbeddedPostgres({ dataDir })).toEqual({ connectionString: second.connectionString });
});

test(
  "a second service on the same folder is refused and leaves the first one's server",
  { timeout: 30_000 },
  async () => {
    const dataDir = makeDataDir();
    const database = await start(dataDir);
    const { child, report } = await startInChild(dataDir);
    expect(report.refusal).toBe(
      `Another Holdfast service (process ${process.pid}) already uses DATA_DIR ${dataDir}: ` +
        "stop it or set DATA_DIR to another folder.",
    );
    if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
    expect(child.exitCode).toBe(1);
    expect(await query(database.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
  },
);

test(
  "of two services that start at the same moment, one gets the new folder",
  { timeout: 30_000 },
  async () => {
    const dataDir = makeDataDir();
    const both = await Promise.all([startInChild(dataDir), startInChild(dataDir)]);
    const refusals = both.flatMap(({ report }) => (report.refusal === undefined ? [] : [report.refusal]));
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toMatch(/^Another Holdfast service \(process \d+\) already uses DATA_DIR/);
    const winner = both.find(({ report }) => report.refusal === undefined);
    expect(await query(winner?.report.connectionString ?? "", "select 1 as one")).toEqual([{ one: 1 }]);
  },
);

test("a start that is given up stops the server that it was starting", { timeout: 30_000 }, async () => {
  const { startEmbeddedPostgres } = await import("../../api/store/embedded/start-embedded-postgres.ts");
  const dataDir = makeDataDir();
  const givenUp = new AbortController();
  const log = (message: string): void => {
    if (message.startsWith("Creating the database")) givenUp.abort(new Error("given up"));
  };
  await expect(startEmbeddedPostgres({ dataDir, log, signal: givenUp.signal })).rejects.toThrow("given up");
  expect(await findEmbeddedPostgres({ dataDir })).toBeNull();
  const database = await start(dataDir);
  expect(await query(database.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
});
