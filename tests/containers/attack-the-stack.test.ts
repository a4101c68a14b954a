import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { choosePort } from "../../api/kernel/choose-port.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { type ReadyService, ServiceProcess } from "../support/start-service-process.ts";
import { OperationsWatcher } from "../support/watch-operations.ts";

const script = resolve(import.meta.dirname, "../../chaos/containers/run.mjs");
const audit = resolve(import.meta.dirname, "../../api/audit-stock.ts");

/** Stands for docker: writes down what it is asked, and does what matters inside the container on this machine. */
const fakeDocker = `#!${process.execPath}
const { appendFileSync } = require("node:fs");
const { spawnSync } = require("node:child_process");
const args = process.argv.slice(2);
appendFileSync(process.env.FAKE_LOG, args.join(" ") + "\\n");
const said = args.join(" ");
if (process.env.FAKE_FAILS && said.includes(process.env.FAKE_FAILS)) {
  console.error("no such container");
  process.exit(125);
}
if (said.endsWith("cat /data/admin-key")) console.log(process.env.FAKE_KEY);
if (said.endsWith("ps --quiet postgres")) console.log("c0ffee");
if (said.startsWith("inspect")) console.log("holdfast_database");
if (args.includes("-e")) process.kill(Number(args.at(-1)), "SIGKILL");
if (said.endsWith("api/audit-stock.ts")) {
  if (process.env.FAKE_AUDIT) process.exit(Number(process.env.FAKE_AUDIT));
  const env = { ...process.env, DATABASE_URL: process.env.FAKE_DATABASE };
  process.exit(spawnSync(process.execPath, [${JSON.stringify(audit)}], { stdio: "inherit", env }).status ?? 1);
}
`;

let folder: string;
let dataDir: string;
let database: TestDatabase;
let service: ServiceProcess;
let ready: ReadyService;
let ports: { readonly HOLDFAST_PORT: string; readonly HOLDFAST_OPS_PORT: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-fake-docker-"));
  await writeFile(join(folder, "docker"), fakeDocker);
  await chmod(join(folder, "docker"), 0o755);
  [database, dataDir] = [await openTestDatabase(), await makeDataDir()];
  ports = { HOLDFAST_PORT: String(await choosePort()), HOLDFAST_OPS_PORT: String(await choosePort()) };
  service = new ServiceProcess({
    DATABASE_URL: database.connectionString,
    DATA_DIR: dataDir,
    PORT: ports.HOLDFAST_PORT,
    OPS_PORT: ports.HOLDFAST_OPS_PORT,
    WORKERS_MIN: "1",
    WORKERS_MAX: "1",
  });
  ready = await service.ready();
});
beforeEach(() => writeFile(join(folder, "log"), ""));
afterAll(async () => {
  await service.end("SIGKILL");
  await database.close();
  await removeDataDir(dataDir);
  await rm(folder, { recursive: true });
});

interface Ran {
  readonly code: number;
  readonly output: string;
  /** What docker was asked, in order. */
  readonly asked: readonly string[];
}

async function run(flags: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const { HOLDFAST_ADMIN_KEY: _, ...environment } = process.env;
  const env = {
    ...environment,
    ...ports,
    PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}`,
    CHAOS_OUTAGE_MS: "20",
    FAKE_LOG: join(folder, "log"),
    FAKE_KEY: ready.adminKey,
    FAKE_DATABASE: database.connectionString,
    ...more,
  };
  const child = spawn(process.execPath, [script, "--pause", "0", ...flags], { env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const [code] = (await once(child, "close")) as [number];
  const asked = (await readFile(join(folder, "log"), "utf8")).split("\n").filter((line) => line !== "");
  return { code, output, asked };
}

const up = "compose up --wait --wait-timeout 300";
const readKey = "compose exec -T holdfast cat /data/admin-key";
const auditStock = "compose exec -T holdfast node api/audit-stock.ts";

test(
  "each attack is made in order while a sale goes on, and what is left is judged",
  { timeout: 90_000 },
  async () => {
    const watch = new OperationsWatcher(ready.opsUrl);
    const [pid] = await watch.awaitReady(1);
    const json = join(folder, "result.json");
    const flags = ["--faults", "1", "--buyers", "1500", "--rate", "150", "--seed", "7", "--json", json];
    const { code, output, asked } = await run(flags);
    expect(output).toContain("5 faults, seed 7: promises kept.");
    expect(code).toBe(0);
    expect(asked).toEqual([
      up,
      readKey,
      `compose exec -T holdfast node -e process.kill(Number(process.argv[1]), 'SIGKILL') ${pid}`,
      "compose kill --signal SIGKILL postgres",
      "compose up --wait --no-recreate postgres",
      "compose pause postgres",
      "compose unpause postgres",
      "compose ps --quiet postgres",
      "inspect --format {{range $name, $network := .NetworkSettings.Networks}}{{$name}}{{end}} c0ffee",
      "network disconnect holdfast_database c0ffee",
      "network connect --alias postgres holdfast_database c0ffee",
      "compose kill --signal SIGKILL",
      "compose up --wait --no-recreate --wait-timeout 300",
      auditStock,
    ]);
    // The worker was really killed, and really replaced.
    expect(await watch.awaitReady(1)).not.toEqual([pid]);
    const result = JSON.parse(await readFile(json, "utf8"));
    expect(result).toMatchObject({ verdict: "kept", seed: 7, complaints: [] });
    expect(result.faults.map(({ scenario }: { scenario: string }) => scenario)).toEqual([
      "worker-kill",
      "database-kill",
      "database-pause",
      "network-cut",
      "whole-stack-kill",
    ]);
  },
);

const short = ["--scenario", "database-pause", "--faults", "1", "--buyers", "100", "--rate", "100"];

test.each([
  ["3", 3, "promises BROKEN"],
  ["1", 1, "promises unknown"],
])(
  "an audit that ends with %s makes the run end with %d",
  { timeout: 60_000 },
  async (auditCode, code, said) => {
    const ran = await run(short, { FAKE_AUDIT: auditCode });
    expect(ran.output).toContain(said);
    expect(ran.code).toBe(code);
  },
);

test("a sale that is over before the attack proves nothing", { timeout: 60_000 }, async () => {
  const flags = ["--scenario", "database-pause", "--buyers", "1", "--rate", "100", "--pause", "60"];
  const { code, output, asked } = await run(flags);
  expect(output).toContain("Unknown: The sale ended before database-pause came");
  expect([code, asked]).toEqual([1, [up, readKey]]);
});

test("an engine that fails or is missing is told in one sentence", async () => {
  const failed = await run(short, { FAKE_FAILS: "up --wait" });
  expect(failed.output).toContain(`Unknown: docker ${up} ended with 125: no such container`);
  expect([failed.code, failed.asked]).toEqual([1, [up]]);
  // Nothing is added to what was asked before.
  const missing = await run(short, { PATH: join(folder, "nothing") });
  expect(missing.output).toContain("Unknown: The program docker cannot be started");
  expect([missing.code, missing.asked]).toEqual([1, [up]]);
});

test.each([
  [["--scenario", "earthquake"], "--scenario must be all or one of worker-kill, database-kill,"],
  [["--faults", "0"], "--faults must be a whole number from 1 to 100."],
  [["--fast"], "Unknown option '--fast'"],
])("flags that make no sense are refused before anything is touched: %j", async (flags, said) => {
  const { code, output, asked } = await run(flags);
  expect(output).toContain(said);
  expect([code, asked]).toEqual([2, []]);
});
