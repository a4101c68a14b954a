import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { DatabaseProxy } from "../support/start-database-proxy.ts";
import { waitFor } from "../support/wait-for.ts";
import { isAlive } from "../support/watch-operations.ts";
import {
  chartOf,
  type LiveBrowser,
  openLiveBrowser,
  readFigure,
  verdictOf,
  waitMaxMs,
  wordsOf,
} from "./open-live-dashboard.ts";

let database: TestDatabase;
let proxy: DatabaseProxy;
let sale: Sale;
let browser: LiveBrowser;

beforeAll(async () => {
  database = await openTestDatabase();
  browser = await openLiveBrowser();
  proxy = await DatabaseProxy.start(database.connectionString);
  sale = await openSale(proxy, { WORKERS_MIN: "2", WORKERS_MAX: "2" });
});
afterEach(() => proxy.set("pass"));
afterAll(async () => {
  await sale.close();
  await browser.close();
  await proxy.close();
  await database.close();
});

/** The process ids on the Workers page, of workers in one of its states. */
async function readPids(page: Page, state = "Ready"): Promise<number[]> {
  const rows = await page.getByRole("row").filter({ hasText: state }).all();
  const texts = await Promise.all(rows.map((row) => row.getByRole("cell").nth(1).textContent()));
  return texts.map(Number);
}

/** Waits until the Workers page shows two workers that serve, none of which is one of these. */
const awaitOthers = (page: Page, ...before: readonly number[]) =>
  waitFor(
    "other workers",
    async () => {
      const pids = await readPids(page);
      return pids.length === 2 && pids.every((pid) => !before.includes(pid)) && pids;
    },
    waitMaxMs,
  );

const errorsOf = (page: Page) => page.getByRole("log", { name: /^Errors/ }).getByRole("listitem");

test(
  "a worker that is killed gives way to another on the page, and is a mark, a restart and an error",
  { timeout: 90_000 },
  async () => {
    const overview = await browser.open(sale.opsUrl);
    const workers = await browser.open(`${sale.opsUrl}/workers`);
    await overview.page.getByText("No errors since this node keeps them.").waitFor();
    await workers.page.getByText("0 restarts after a crash").waitFor();
    const [killed = -1, other = -1] = await awaitOthers(workers.page);
    process.kill(killed, "SIGKILL");

    expect(await awaitOthers(workers.page, killed)).toContain(other);
    await workers.page.getByText("1 restart after a crash").waitFor();
    const counts = await workers.page.getByRole("row").locator("td:last-child").allTextContents();
    expect(counts.toSorted()).toEqual(["0", "1"]);

    const crash = errorsOf(overview.page).filter({ hasText: /Error.*A worker is replaced: .*SIGKILL/ });
    await crash.waitFor();
    const requests = chartOf(overview.page, "Requests");
    await waitFor(
      "the mark in words",
      async () => /Marked: .*Worker \d+ .*SIGKILL/.test(await wordsOf(requests)),
      waitMaxMs,
    );
    expect(await requests.locator(".mark-line--critical line").count()).toBe(1);
    const now = overview.page.getByRole("region", { name: "Right now no history" });
    expect(await readFigure(now, "Workers replaced after a crash")).toBe(1);
    for (const { complaints, loadCount, close } of [overview, workers]) {
      expect(complaints).toEqual([]);
      expect(loadCount()).toBe(1);
      await close();
    }
  },
);

test(
  "a lost database turns the verdict and is in the errors with the request that met it, and all comes back by itself",
  { timeout: 90_000 },
  async () => {
    const overview = await browser.open(sale.opsUrl);
    const errors = await browser.open(`${sale.opsUrl}/errors`);
    const { page } = overview;
    await verdictOf(page).filter({ hasText: "HealthySelling normally, 2 of 2 workers" }).waitFor();
    proxy.set("cut");
    const refused = await waitFor(
      "a request to meet the loss",
      async () => {
        const response = await fetch(`${sale.url}/v1/events/${sale.eventId}`);
        return response.status === 503 && response.headers.get("x-request-id");
      },
      waitMaxMs,
    );

    await verdictOf(page)
      .filter({ hasText: /^DownThe database is away/ })
      .waitFor();
    expect(await sale.watch.status("/readyz")).toBe(503);
    const alert = page.getByRole("list", { name: "Firing alerts" }).getByRole("listitem");
    expect(await alert.first().textContent()).toMatch(/^CriticalPostgreSQLDown.*since \d/);
    expect(await page.title()).toBe("Down, Overview - Holdfast");
    const latency = chartOf(page, "Database latency");
    await latency.getByText("Unreachable").waitFor();
    expect(await readFigure(latency, "Latency")).toBe(null);
    await page.getByText("The database does not answer, so the stock is not known.").waitFor();
    await errorsOf(page).filter({ hasText: "The database could not be reached." }).first().waitFor();
    await errorsOf(errors.page).filter({ hasText: refused }).filter({ hasText: "Worker" }).waitFor();
    expect(await readFigure(chartOf(page, "Workers"), "Live")).toBe(2);

    proxy.set("pass");
    await verdictOf(page).filter({ hasText: "HealthySelling normally, 2 of 2 workers" }).waitFor();
    await waitFor("readiness", async () => (await sale.watch.status("/readyz")) === 200, waitMaxMs);
    expect(await alert.count()).toBe(0);
    await waitFor("the latency", async () => (await readFigure(latency, "Latency")) !== null, waitMaxMs);
    const changes = page.getByRole("region", { name: "What changed" });
    await changes.getByText("Database down:").waitFor();
    await changes.getByText("Database up:").waitFor();
    for (const { complaints, loadCount, close } of [overview, errors]) {
      expect(complaints).toEqual([]);
      expect(loadCount()).toBe(1);
      await close();
    }
  },
);

test(
  "a service that is killed leaves its last figures with their age, and its successor takes the page over",
  { timeout: 90_000 },
  async () => {
    const { page, complaints, loadCount, close } = await browser.open(`${sale.opsUrl}/workers`);
    const before = await awaitOthers(page);
    await verdictOf(page).filter({ hasText: "HealthySelling normally" }).waitFor();
    await sale.service().end("SIGKILL");

    await page.getByText("Lost connection. Reconnecting...").waitFor();
    await page.getByText(/Figures are from \d+ s ago\./).waitFor();
    await verdictOf(page).filter({ hasText: "UnknownLast known: Selling normally" }).waitFor();
    expect(await readPids(page)).toEqual(before);
    expect(await page.locator('main .aged[data-is-old="true"]').count()).toBe(1);

    await waitFor("the workers to end by themselves", () => !before.some(isAlive), waitMaxMs);
    await sale.restart();
    await page.getByText("Lost connection. Reconnecting...").waitFor({ state: "detached" });
    await awaitOthers(page, ...before);
    await verdictOf(page).filter({ hasText: "HealthySelling normally, 2 of 2 workers" }).waitFor();
    expect(await page.locator('.aged[data-is-old="true"]').count()).toBe(0);
    await page.getByRole("link", { name: "Errors" }).click();
    // What the one before it had noted is still there.
    await errorsOf(page).filter({ hasText: "A worker is replaced: " }).waitFor();
    expect(complaints).toEqual([]);
    expect(loadCount()).toBe(1);
    await close();
  },
);
