import { hostname } from "node:os";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBarriers } from "../dashboard/open-dashboard.ts";
import type { Answer } from "../support/answer.ts";
import { createClient, type Send } from "../support/http-client.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";
import { chartOf, type LiveBrowser, openLiveBrowser, waitMaxMs, wordsOf } from "./open-live-dashboard.ts";

const reason = "The hall is flooded. Sales go on at 15:00.";

let database: TestDatabase;
let sale: Sale;
let browser: LiveBrowser;
let send: Send;

beforeAll(async () => {
  database = await openTestDatabase();
  browser = await openLiveBrowser();
  sale = await openSale(database, { WORKERS_MIN: "2", WORKERS_MAX: "2" });
  send = createClient(sale.url);
});
afterAll(async () => {
  await sale.close();
  await browser.close();
  await database.close();
});

const post = (path: string, body: object): Promise<Answer> => send("post", path, { as: sale.adminKey, body });

async function createEvent(name: string, capacity: number): Promise<string> {
  const made = await post("/v1/events", { name, capacity });
  return String(made.body["id"]);
}

const hold = (eventId: string, userId: string): Promise<Answer> =>
  post(`/v1/events/${eventId}/reservations`, { user_id: userId });

test(
  "an event is shown with its stock, is paused with a reason that buyers are told, and is resumed",
  { timeout: 90_000 },
  async () => {
    const eventId = await createEvent("Harbour Jazz", 40);
    const held = await Promise.all(["ada", "grace", "edsger"].map((user) => hold(eventId, user)));
    await post(`/v1/reservations/${String(held[0]?.body["id"])}/confirm`, {});
    const sales = await browser.open(`${sale.opsUrl}/sales`);
    const overview = await browser.open(sale.opsUrl);
    const card = sales.page.getByRole("listitem", { name: "Harbour Jazz" });
    await card.filter({ hasText: "1 sold, 2 held, 37 free, of 40" }).filter({ hasText: "On sale" }).waitFor();

    await card.getByRole("button", { name: "Pause Harbour Jazz" }).click();
    const dialog = sales.page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill(reason);
    await dialog.getByRole("button", { name: "Pause the sale" }).click();
    await dialog.waitFor({ state: "detached" });
    await card.filter({ hasText: "Paused" }).getByText(reason).waitFor();
    const refused = await hold(eventId, "alan");
    expect(refused).toMatchObject({
      status: 409,
      body: { code: "sales_paused", detail: expect.stringContaining(reason) },
    });
    await waitFor(
      "the mark in words",
      async () =>
        (await wordsOf(chartOf(overview.page, "Requests"))).includes(
          `Harbour Jazz paused by the dashboard: ${reason}`,
        ),
      waitMaxMs,
    );
    await chartOf(overview.page, "Tickets")
      .locator(".mark-line--warning line")
      .waitFor({ state: "attached" });

    await card.getByRole("button", { name: "Resume Harbour Jazz" }).click();
    await dialog.getByRole("button", { name: "Resume the sale" }).click();
    await dialog.waitFor({ state: "detached" });
    await card.filter({ hasText: "On sale" }).waitFor();
    expect((await hold(eventId, "alan")).status).toBe(201);
    await card.filter({ hasText: "1 sold, 3 held, 36 free, of 40" }).waitFor();
    await overview.page.getByRole("region", { name: "What changed" }).getByText("Resumed:").waitFor();
    for (const { complaints, loadCount, close } of [sales, overview]) {
      expect(complaints).toEqual([]);
      expect(loadCount()).toBe(1);
      await close();
    }
  },
);

test(
  "a reservation is found by its id and by its user, and grows a step when it is confirmed",
  { timeout: 60_000 },
  async () => {
    const eventId = await createEvent("Chamber evening", 10);
    const reservationId = String((await hold(eventId, "mary@shop.example")).body["id"]);
    const { page, complaints, loadCount, close } = await browser.open(`${sale.opsUrl}/reservations`);
    await page.getByRole("textbox", { name: "Reservation id" }).fill(reservationId);
    await page.getByRole("button", { name: "Show" }).click();
    const steps = page.getByRole("list", { name: "Steps, oldest first" }).getByRole("listitem");
    await steps.filter({ hasText: /Its deadline, in \d+ min/ }).waitFor();
    expect(await steps.first().textContent()).toMatch(/Held[A-Z].*\.$/);
    expect(await page.getByRole("heading", { name: "Chamber evening" }).count()).toBe(1);

    await post(`/v1/reservations/${reservationId}/confirm`, {});
    await steps.filter({ hasText: /Confirmed.* later$/ }).waitFor();
    expect(await steps.count()).toBe(2);

    await page.getByText("User", { exact: true }).first().click();
    await page.getByRole("textbox", { name: "User" }).fill("mary@shop.example");
    await page.getByRole("button", { name: "Show" }).click();
    const found = page.getByRole("list", { name: "Reservations, newest first" }).getByRole("heading");
    await found.first().waitFor();
    expect(await found.allTextContents()).toEqual(["Chamber evening"]);
    expect(await steps.last().textContent()).toMatch(/Confirmed/);
    expect(complaints).toEqual([]);
    expect(loadCount()).toBe(1);
    await close();
  },
);

/** How often a job has run, as the Jobs page tells. */
async function readRuns(page: Page, name: string): Promise<number> {
  const cell = page.getByRole("row").filter({ hasText: name }).getByRole("cell").nth(4);
  return Number((await cell.textContent())?.replaceAll(",", ""));
}

test("the jobs page shows the sweep at work, and runs a job when asked", { timeout: 60_000 }, async () => {
  const { page, complaints, close } = await browser.open(`${sale.opsUrl}/jobs`);
  const swept = await readRuns(page, "sweep-overdue-holds");
  await waitFor("more sweeps", async () => (await readRuns(page, "sweep-overdue-holds")) > swept, waitMaxMs);
  // By itself it runs once a minute, so that another run so soon is the one that was asked for.
  const recounts = await readRuns(page, "audit-stock");
  for (const more of [1, 2, 3]) {
    await page.getByRole("button", { name: "Run now: audit-stock" }).click();
    await waitFor(
      "the recount",
      async () => (await readRuns(page, "audit-stock")) >= recounts + more,
      waitMaxMs,
    );
  }
  await page.getByText(/^Asked for at \d\d:\d\d:\d\d$/).waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test("the nodes page shows this machine live", { timeout: 60_000 }, async () => {
  const { page, complaints, close } = await browser.open(`${sale.opsUrl}/nodes`);
  await page.getByText("1 machine live on this database").waitFor();
  const row = page.getByRole("row").filter({ hasText: hostname() });
  await row.filter({ hasText: "answers this page" }).waitFor();
  await waitFor(
    "its workers",
    async () => {
      const cells = await row.getByRole("cell").allTextContents();
      return cells[0] === "Live" && cells.includes("2 / 2");
    },
    waitMaxMs,
  );
  expect(complaints).toEqual([]);
  await close();
});

test("axe finds nothing on the pages of a busy service, light or dark", { timeout: 120_000 }, async () => {
  const soldOut = await createEvent("Sold out night", 1);
  await hold(soldOut, "ada");
  const paused = await createEvent("Paused night", 5);
  await post(`/v1/events/${paused}/pause`, { reason });
  const [pid = -1] = await sale.watch.awaitReady(2);
  process.kill(pid, "SIGKILL");
  await waitFor("the crash", async () => (await sale.watch.workers()).restarts_total > 0, waitMaxMs);
  const { page, complaints, close } = await browser.open(sale.opsUrl);
  const ready: Readonly<Record<string, string>> = {
    "/": "A worker is replaced",
    "/sales": "Paused night",
    "/workers": "1 restart after a crash",
  };
  for (const [path, text] of Object.entries(ready)) {
    await page.goto(sale.opsUrl + path);
    await page.getByText(text).first().waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
      expect(await findBarriers(page), `${path}, ${colorScheme}`).toEqual([]);
    }
  }
  expect(complaints).toEqual([]);
  await close();
});
