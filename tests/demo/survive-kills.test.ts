import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Summary } from "../../demo/summarise-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { ServiceProcess } from "../support/start-service-process.ts";
import { DemoProcess, runDemo } from "./run-demo.ts";

let dataDir: string;
let database: TestDatabase;
let service: ServiceProcess;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "holdfast-demo-"));
  database = await openTestDatabase({ empty: true });
});
afterEach(async () => {
  await service.end("SIGKILL");
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

function start(settings: Readonly<Record<string, string>> = {}) {
  service = new ServiceProcess({ DATA_DIR: dataDir, DATABASE_URL: database.connectionString, ...settings });
  return service.ready();
}

const sale = ["--capacity", "300", "--buyers", "900", "--rate", "150", "--hold", "60", "--json"];

describe("a sale during which", () => {
  test("the service is killed and started again loses nothing", { timeout: 90_000 }, async () => {
    const { url } = await start();
    const demo = new DemoProcess(sale, { DEMO_URL: url, DATA_DIR: dataDir });
    await demo.told(/^20 %/m);
    expect(await service.end("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
    await start({ PORT: new URL(url).port });
    const exit = await demo.exited();
    const summary = JSON.parse(exit.stdout) as Summary;
    expect(summary).toMatchObject({
      verdict: "exact",
      complaints: [],
      buyers: { arrived: 900 },
      holds: { unknown: 0 },
      confirms: { unknown: 0 },
    });
    // Otherwise the kill came when nobody was buying, and this test would show nothing.
    expect(summary.retries.requests).toBeGreaterThan(0);
    expect(summary.stock).toMatchObject({ sold: summary.confirms.confirmed, free: 0 });
    expect(exit.code).toBe(0);
  });

  test("the service goes away for good ends with 1 and what is known", { timeout: 60_000 }, async () => {
    const { url } = await start();
    const demo = new DemoProcess([...sale, "--patience", "2"], { DEMO_URL: url, DATA_DIR: dataDir });
    await demo.told(/^20 %/m);
    await service.end("SIGKILL");
    const exit = await demo.exited();
    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain("The service has not answered for 2 s; sending no more buyers.");
    expect(exit.stderr).toContain("The service does not answer any more.");
    const summary = JSON.parse(exit.stdout) as Summary;
    expect(summary).toMatchObject({ verdict: "unchecked", stock: null, stopped: true });
    expect(summary.holds.held).toBeGreaterThan(0);
    expect(summary.holds.unknown).toBeGreaterThan(0);
  });

  test(
    "one of its workers is killed loses nothing, and another takes its place",
    { timeout: 90_000 },
    async () => {
      const { url, opsUrl } = await start({ WORKERS_MIN: "2", WORKERS_MAX: "2" });
      const exit = await runDemo([...sale, "--kill-worker"], {
        DEMO_URL: url,
        DEMO_OPS_URL: opsUrl,
        DATA_DIR: dataDir,
      });
      expect(exit.stderr).toMatch(/^Killed worker \d+, process \d+\.$/m);
      expect(exit.stderr).toContain(`Watch it at ${opsUrl}.`);
      const summary = JSON.parse(exit.stdout) as Summary;
      expect(summary).toMatchObject({
        verdict: "exact",
        complaints: [],
        kill_refused: null,
        killed_worker: { pid: expect.any(Number) },
        workers: { max: 2 },
        holds: { unknown: 0 },
        confirms: { unknown: 0 },
      });
      expect(exit.code).toBe(0);
    },
  );

  test(
    "no worker can be killed, since the listener belongs to another service, goes on and ends with 1",
    { timeout: 60_000 },
    async () => {
      const { url } = await start();
      const otherDatabase = await openTestDatabase({ empty: true });
      const other = new ServiceProcess({ DATA_DIR: dataDir, DATABASE_URL: otherDatabase.connectionString });
      try {
        const { opsUrl } = await other.ready();
        const { adminKey } = await service.ready();
        const exit = await runDemo(["--buyers", "60", "--rate", "60", "--kill-worker", "--key", adminKey], {
          DEMO_URL: url,
          DEMO_OPS_URL: opsUrl,
        });
        expect(exit.code).toBe(1);
        expect(exit.stderr).toContain("No worker was killed: the operations listener at");
        expect(exit.stdout).toContain("belongs to another service");
        expect(exit.stdout.trimEnd()).toMatch(/✓$/);
      } finally {
        await other.end("SIGKILL");
        await otherDatabase.close();
      }
    },
  );
});
