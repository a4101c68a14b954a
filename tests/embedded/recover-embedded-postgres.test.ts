import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readPostmasterPid } from "../../api/store/embedded/read-postmaster-pid.ts";
import { killServer, makeDataDir, query, start, startInChild, until } from "./embedded-trial.ts";

/** The process that holds the claim, as the server names it. */
const CLAIMANT =
  "select application_name from pg_stat_activity where application_name like 'holdfast service %'";

test("a server left by a killed service is adopted with its data", { timeout: 30_000 }, async () => {
  const dataDir = makeDataDir();
  const { child, report } = await startInChild(dataDir);
  await query(report.connectionString, "create table kept as select 42 as answer");
  child.kill("SIGKILL");
  await once(child, "exit");

  const database = await start(dataDir);
  expect(database.adopted).toBe(true);
  expect(database.connectionString).toBe(report.connectionString);
  expect(await query(database.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
  await database.stop();
  expect(await readPostmasterPid(database.dataDirectory)).toEqual({ kind: "absent" });
});

test(
  "after service and server are both killed, the next start recovers what was committed",
  { timeout: 30_000 },
  async () => {
    const dataDir = makeDataDir();
    const { child, report } = await startInChild(dataDir);
    await query(report.connectionString, "create table kept as select 42 as answer");
    child.kill("SIGKILL");
    await once(child, "exit");
    await killServer(report.dataDirectory);
    expect(existsSync(join(report.dataDirectory, "postmaster.pid"))).toBe(true);

    const database = await start(dataDir);
    expect(database.adopted).toBe(false);
    expect(await query(database.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
  },
);

test("a killed server is started again on the same port and claimed again", { timeout: 40_000 }, async () => {
  const dataDir = makeDataDir();
  const database = await start(dataDir);
  await query(database.connectionString, "create table kept as select 42 as answer");
  const before = await readPostmasterPid(database.dataDirectory);
  await killServer(database.dataDirectory);

  // The file of the one that was killed says "ready" until another takes its place.
  let after = before;
  await until(async () => {
    after = await readPostmasterPid(database.dataDirectory);
    return after.kind === "ready" && (before.kind !== "ready" || after.pid !== before.pid);
  });
  expect(after).toEqual({ ...before, pid: expect.any(Number) });
  expect(await query(database.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
  await until(async () => (await query(database.connectionString, CLAIMANT)).length === 1);
  expect(await query(database.connectionString, CLAIMANT)).toEqual([
    { application_name: `holdfast service ${process.pid}` },
  ]);
  // A project in a closed folder is also told that the server runs from a copy; that is another test's matter.
  const told = () => database.messages.filter((message) => !message.includes("runs from a copy"));
  await until(async () => told().length === 3);
  expect(told()[1]).toMatch(/^PostgreSQL \(process \d+\) has ended; starting it again on port \d+\.$/);
  expect(told()[2]).toMatch(/^PostgreSQL serves again after \d+ ms \(process \d+\)\.$/);

  await database.stop();
  expect(await readPostmasterPid(database.dataDirectory)).toEqual({ kind: "absent" });
});

test("a killed connection of the claim is taken again", { timeout: 30_000 }, async () => {
  const dataDir = makeDataDir();
  const database = await start(dataDir);
  const backend = `select pid from pg_stat_activity where application_name = 'holdfast service ${process.pid}'`;
  const before = await query(database.connectionString, backend);
  const terminated = await query(
    database.connectionString,
    `select pg_terminate_backend(pid) as done from (${backend}) as claim`,
  );
  expect(terminated).toEqual([{ done: true }]);
  await until(async () => {
    const now = await query(database.connectionString, backend);
    return now.length === 1 && now[0]?.["pid"] !== before[0]?.["pid"];
  });
});

test(
  "a left-over postmaster.pid whose process id now belongs to another program is no obstacle",
  { timeout: 30_000 },
  async () => {
    const dataDir = makeDataDir();
    const database = await start(dataDir);
    const path = join(database.dataDirectory, "postmaster.pid");
    const content = readFileSync(path, "utf8");
    await database.stop();

    // PostgreSQL itself refuses when the other program runs as its own user.
    const { uid, gid } = statSync(database.dataDirectory);
    const other = spawn("sleep", ["60"], { cwd: "/", uid, gid, stdio: "ignore" });
    onTestFinished(() => void other.kill("SIGKILL"));
    await once(other, "spawn");
    writeFileSync(path, content.replace(/^\d+/, String(other.pid)));
    chownSync(path, uid, gid);
    expect(await readPostmasterPid(database.dataDirectory)).toEqual({ kind: "reused", pid: other.pid });

    const again = await start(dataDir);
    expect(again.adopted).toBe(false);
    expect(await query(again.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(other.exitCode).toBeNull();
    expect(other.signalCode).toBeNull();
  },
);

test("a half-written postmaster.pid that nobody completes is removed", { timeout: 30_000 }, async () => {
  const dataDir = makeDataDir();
  const database = await start(dataDir);
  await database.stop();
  const path = join(database.dataDirectory, "postmaster.pid");
  writeFileSync(path, "");
  utimesSync(path, new Date(0), new Date(0));
  expect(await readPostmasterPid(database.dataDirectory)).toMatchObject({ kind: "unclear" });
  const again = await start(dataDir);
  expect(await query(again.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("postmaster.pid with an id of 1 or below is never taken for a server", async () => {
  const dataDir = makeDataDir();
  mkdirSync(dataDir);
  for (const pid of ["1", "0", "-1", "", "x"]) {
    writeFileSync(
      join(dataDir, "postmaster.pid"),
      `${pid}\n${dataDir}\n1\n5432\n\n127.0.0.1\n1 1\nready   \n`,
    );
    expect(await readPostmasterPid(dataDir)).toMatchObject({ kind: "unclear" });
  }
});

test(
  "a service killed in the middle of the first start leaves what the next start heals",
  { timeout: 30_000 },
  async () => {
    const dataDir = makeDataDir();
    const script = join(import.meta.dirname, "start-in-child.ts");
    const child = spawn(process.execPath, [script, dataDir], { stdio: "ignore", cwd: "/" });
    const drafts = (): string[] =>
      existsSync(dataDir) ? readdirSync(dataDir).filter((name) => name.startsWith("postgres.new-")) : [];
    await until(async () => drafts().some((name) => existsSync(join(dataDir, name, "data", "PG_VERSION"))));
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(existsSync(join(dataDir, "postgres"))).toBe(false);
    expect(drafts()).toHaveLength(1);

    const database = await start(dataDir);
    expect(await query(database.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(dirname(database.dataDirectory)).toBe(dataDir);
  },
);
