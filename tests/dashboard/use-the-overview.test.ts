import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ErrorEntry } from "../../api/contract/dashboard.ts";
import { waitFor } from "../support/wait-for.ts";
import { entry } from "./fixtures/busy-errors.ts";
import { makeBusyOverview, makeBusySale } from "./fixtures/busy-sale.ts";
import { makeBrokenService, makeQuietService } from "./fixtures/quiet-service.ts";
import { type DashboardBrowser, openDashboardBrowser } from "./open-dashboard.ts";

let browser: DashboardBrowser;

beforeAll(async () => {
  browser = await openDashboardBrowser();
});
afterAll(() => browser.close());

const chartTitles = [
  "Requests",
  "Latency",
  "Workers",
  "CPU",
  "Memory",
  "Event-loop lag",
  "Pool waiting",
  "Database connections",
  "Database latency",
  "Tickets",
  "Holds",
];

describe("the verdict", () => {
  it("is a word and a sentence in a status, with what fires, since when, and how grave it is", async () => {
    const { page, close } = await browser.open({ replies: makeBrokenService() });
    const verdict = page.getByRole("status").filter({ hasText: "the database does not answer" });
    await verdict.waitFor();
    expect(await verdict.textContent()).toBe("DownSelling nothing: the database does not answer");
    const alerts = page.getByRole("list", { name: "Firing alerts" }).getByRole("listitem");
    expect(await alerts.first().textContent()).toMatch(/Critical.*PostgreSQLDown.*70 s\..*since .*\(1 min\)/);
    expect(await alerts.count()).toBe(3);
    await page.getByRole("button", { name: "Show 1 more" }).click();
    expect(await alerts.count()).toBe(4);
    expect(await page.title()).toBe("Down, Overview - Holdfast");
    await close();
  });

  it("turns when the service does, and back", async () => {
    const { page, server, close } = await browser.open();
    await page.getByText("Healthy", { exact: true }).waitFor();
    const healthy = server.replies.overview;
    server.replies.overview = () => ({
      ...makeBusyOverview(),
      status: "degraded",
      verdict: "Selling slowly",
    });
    await page.getByText("Degraded", { exact: true }).waitFor();
    server.replies.overview = healthy;
    await page.getByText("Healthy", { exact: true }).waitFor();
    expect(await page.getByText("Selling slowly").count()).toBe(0);
    await close();
  });
});

describe("the charts", () => {
  it("each carry every mark as a vertical line, and name it in words", async () => {
    const { page, complaints, close } = await browser.open();
    await page.locator(".recharts-surface").nth(10).waitFor();
    const unmarked: string[] = [];
    for (const title of chartTitles) {
      const chart = page.getByRole("region", { name: new RegExp(`^${title} `) });
      await chart.locator(".mark-line line").nth(3).waitFor({ state: "attached" });
      const crashes = await chart.locator(".mark-line--critical line").count();
      const words = await chart.getByRole("img", { name: "Now: " }).getAttribute("aria-label");
      if (crashes !== 1 || words?.includes("Worker 3 ended by SIGKILL") !== true) unmarked.push(title);
    }
    expect(unmarked).toEqual([]);
    const changes = page.getByRole("region", { name: "What changed" }).getByRole("listitem");
    expect(await changes.first().textContent()).toContain("Worker 3 ended by SIGKILL and was replaced");
    expect(complaints).toEqual([]);
    await close();
  });

  it("have a unit in every title and at most five lines", async () => {
    const { page, close } = await browser.open();
    await page.locator(".recharts-surface").nth(10).waitFor();
    const titles = await page.locator(".chart:has(.chart__plot) .chart__title").allTextContents();
    expect(titles).toHaveLength(chartTitles.length);
    const units = await page.locator(".chart:has(.chart__plot) .chart__unit").allTextContents();
    expect(units.filter((unit) => unit.trim() !== "")).toHaveLength(chartTitles.length);
    for (const chart of await page.locator(".chart:has(.chart__plot)").all()) {
      expect(await chart.locator(".recharts-line-curve").count()).toBeLessThanOrEqual(5);
    }
    await close();
  });

  it("turn into tables, one by one or all at once", async () => {
    const { page, close } = await browser.open();
    await page.getByRole("button", { name: "CPU: show as table" }).click();
    const table = page.getByRole("region", { name: "CPU, % of all cores" }).getByRole("table");
    await table.waitFor();
    expect(await table.getByRole("columnheader").allTextContents()).toEqual(["Time", "CPU", "What happened"]);
    expect(await table.getByRole("row").count()).toBe(181);
    expect(await table.getByText("Worker 3 ended by SIGKILL and was replaced").count()).toBe(1);
    await page.getByRole("button", { name: "CPU: show as chart" }).click();
    await table.waitFor({ state: "detached" });
    await page.getByText("Tables", { exact: true }).click();
    await waitFor("the address", () => page.url().endsWith("/?view=tables"));
    await page
      .getByRole("table")
      .nth(chartTitles.length - 1)
      .waitFor();
    await close();
  });

  it("explain themselves, and close the explanation on Escape where it was opened", async () => {
    const { page, close } = await browser.open();
    const button = page.getByRole("button", { name: "Event-loop lag: what it means" });
    await button.press("Enter");
    await page.getByText("How late the worst worker comes to what is due").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("How late the worst worker comes to what is due").waitFor({ state: "detached" });
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    await close();
  });

  it("follow the range, which the address keeps", async () => {
    const { page, server, close } = await browser.open();
    await page.getByText("1 h", { exact: true }).click();
    await waitFor("the address", () => page.url().endsWith("/?range=60"));
    await waitFor("the question", () =>
      server.requests.some(({ path }) => path.endsWith("series?minutes=60")),
    );
    await page.reload();
    expect(await page.getByRole("radio", { name: "1 h" }).isChecked()).toBe(true);
    await page.getByRole("button", { name: "Show all 6" }).click();
    await page.getByText("Paused Northern Lights: checking the seating plan").waitFor();
    await close();
  });

  it("are not touched while only other figures change", async () => {
    const replies = makeBusySale();
    const frozen = replies.series(15);
    let rps = 100;
    replies.series = () => frozen;
    replies.overview = () => ({ ...makeBusyOverview(), rps: (rps += 1) });
    const dashboard = await browser.open({ replies, hasOwnClock: true });
    const { page } = dashboard;
    await page.locator(".recharts-surface").nth(10).waitFor();
    await dashboard.settle();
    await page.evaluate(() => {
      const counter = { touches: 0 };
      Object.assign(globalThis, { counter });
      const observer = new MutationObserver((records) => (counter.touches += records.length));
      for (const plot of document.querySelectorAll(".chart__plot")) {
        observer.observe(plot, { subtree: true, childList: true, attributes: true, characterData: true });
      }
    });
    const asked = dashboard.countAsked("/ops/v1/series");
    for (let second = 0; second < 12; second += 1) {
      await page.clock.runFor(1_000);
      await dashboard.settle();
    }
    expect(dashboard.countAsked("/ops/v1/series")).toBeGreaterThan(asked);
    await page.getByText(String(rps), { exact: true }).first().waitFor();
    expect(
      await page.evaluate(() => (globalThis as unknown as { counter: { touches: number } }).counter.touches),
    ).toBe(0);
    await dashboard.close();
  });
});

describe("what is not known", () => {
  it("is a dash with words, never a zero", async () => {
    const { page, close } = await browser.open({ replies: makeBrokenService() });
    const sales = page.getByRole("region", { name: "Sales tickets of all events" });
    await sales.getByText("The database does not answer, so the stock is not known.").waitFor();
    expect(await sales.getByText("not measured").count()).toBe(3);
    expect(await sales.getByText("0", { exact: true }).count()).toBe(0);
    const connections = page.getByRole("region", { name: "Database connections open" });
    expect(await connections.getByText("not measured").count()).toBe(1);
    await close();
  });

  it("is told from what is empty, where a zero is a zero and the way to the first event is shown", async () => {
    const { page, close } = await browser.open({ replies: makeQuietService() });
    const sales = page.getByRole("region", { name: "Sales tickets of all events" });
    await sales.getByText("curl -X POST").waitFor();
    expect(await sales.getByText("0", { exact: true }).count()).toBeGreaterThan(0);
    expect(await page.getByText("Nothing measured yet").count()).toBe(chartTitles.length);
    await close();
  });
});

describe("the error feed", () => {
  it("is a log that takes up new entries, asks only for those, and counts repeats", async () => {
    const errors: ErrorEntry[] = [entry(1, 3), entry(2, 2, { message: "Connection lost" })];
    const replies = makeBusySale();
    replies.errors = (after) => ({ data: errors.filter(({ id }) => id > after), dropped: 0 });
    const { page, server, close } = await browser.open({ replies });
    const log = page.getByRole("log", { name: "Errors newest first" });
    await log.getByText("Connection lost").waitFor();
    errors.push(
      entry(3, 1, { message: "Connection lost" }),
      entry(4, 0, { level: "fatal", message: "Out of memory" }),
    );
    await log.getByText("Out of memory").waitFor();
    expect(await log.getByRole("link").allTextContents()).toEqual([
      "Out of memory",
      "Connection lost",
      "Entry 1",
    ]);
    expect(await log.getByText("2 times").count()).toBe(1);
    const asked = server.requests.filter(({ path }) => path.startsWith("/ops/v1/errors"));
    expect(asked.slice(0, 2).map(({ path }) => path)).toEqual([
      "/ops/v1/errors?after=0",
      "/ops/v1/errors?after=2",
    ]);
    await close();
  });

  it("asks from the start again after the server was away, since it may count anew", async () => {
    const replies = makeBusySale();
    replies.errors = (after) => ({ data: [entry(7, 1)].filter(({ id }) => id > after), dropped: 0 });
    const { page, server, close } = await browser.open({ replies });
    const log = page.getByRole("log", { name: "Errors newest first" });
    await log.getByText("Entry 7").waitFor();
    server.isAway = true;
    await page.getByText("Lost connection. Reconnecting...").waitFor();
    const failed = server.requests.length;
    await waitFor("a failed question", () =>
      server.requests.slice(failed).some(({ path }) => path.startsWith("/ops/v1/errors")),
    );
    replies.errors = (after) => ({ data: [entry(2, 0)].filter(({ id }) => id > after), dropped: 0 });
    server.isAway = false;
    await log.getByText("Entry 2").waitFor();
    expect(await log.getByText("Entry 7").count()).toBe(0);
    await close();
  });
});
