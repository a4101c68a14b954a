import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { type DashboardBrowser, type OpenDashboard, openDashboardBrowser } from "./open-dashboard.ts";

let browser: DashboardBrowser;

beforeAll(async () => {
  browser = await openDashboardBrowser();
});
afterAll(() => browser.close());

const verdict = ({ page }: OpenDashboard) => page.getByRole("status").filter({ hasText: "Selling normally" });

/** Moves the page's own clock on, so that whatever waits for time happens. */
async function passTime({ page }: OpenDashboard, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) await page.clock.runFor(1_000);
}

async function setVisibility({ page }: OpenDashboard, state: "hidden" | "visible"): Promise<void> {
  await page.evaluate((visibility) => {
    Object.defineProperty(document, "visibilityState", { value: visibility, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, state);
}

describe("a dashboard without a connection", () => {
  it("keeps its figures, tells their age, takes nothing for known, and recovers by itself", async () => {
    const dashboard = await browser.open({ hasOwnClock: true });
    const { page, server } = dashboard;
    await verdict(dashboard).waitFor();
    await page.getByText("2,418").first().waitFor();

    server.isAway = true;
    await passTime(dashboard, 2);
    await page.getByText("Lost connection. Reconnecting...").waitFor();
    await page.getByText("Last known: Selling normally").waitFor();
    expect(await page.getByText("Unknown", { exact: true }).count()).toBe(1);
    expect(await page.title()).toBe("Overview - Holdfast");
    await passTime(dashboard, 12);
    await page.getByText(/Figures are from 1\d s ago\./).waitFor();
    expect(await page.getByText("2,418").count()).toBeGreaterThan(0);
    expect(await page.locator('.aged[data-is-old="true"]').count()).toBeGreaterThan(0);

    server.isAway = false;
    await passTime(dashboard, 2);
    await page.getByText("Lost connection. Reconnecting...").waitFor({ state: "detached" });
    await page.getByText("Healthy", { exact: true }).waitFor();
    expect(await page.locator('.aged[data-is-old="true"]').count()).toBe(0);
    await waitFor("the title", async () => (await page.title()) === "Healthy, Overview - Holdfast");
    await dashboard.close();
  });

  it("says so when there never was one", async () => {
    const dashboard = await browser.open({ prepare: (server) => (server.isAway = true) });
    await dashboard.page.getByText("Lost connection. Reconnecting...").waitFor();
    await dashboard.page.getByText("Nothing has answered yet.").waitFor();
    await dashboard.page.getByText("The overview: not known").waitFor();
    dashboard.server.isAway = false;
    await verdict(dashboard).waitFor();
    await dashboard.page.locator(".recharts-surface").first().waitFor();
    expect(await dashboard.page.getByText("not known").count()).toBe(0);
    await dashboard.close();
  });

  it("says that an answer is late before it gives up on it", async () => {
    const dashboard = await browser.open({ hasOwnClock: true });
    await verdict(dashboard).waitFor();
    dashboard.server.delayMs = 60_000;
    await passTime(dashboard, 8);
    await dashboard.page.getByText("The answer is late. Waiting...").waitFor();
    expect(await dashboard.page.getByText("Lost connection").count()).toBe(0);
    await dashboard.close();
  });

  it("tells a refusal of one question from a lost connection", async () => {
    const dashboard = await browser.open({ path: "/jobs", hasOwnClock: true });
    await dashboard.page.getByText("sweep-overdue-holds").waitFor();
    dashboard.server.replies.jobs = () => {
      throw new Error("The question is not answered.");
    };
    await passTime(dashboard, 3);
    await waitFor(
      "the old jobs",
      async () => (await dashboard.page.locator('main .aged[data-is-old="true"]').count()) === 1,
    );
    expect(await dashboard.page.getByText("Lost connection").count()).toBe(0);
    expect(await dashboard.page.getByText("sweep-overdue-holds").count()).toBe(1);
    await dashboard.close();
  });
});

describe("while the first answer is on its way", () => {
  it("there is a skeleton, once, and no figure that nobody measured", async () => {
    const dashboard = await browser.open({ prepare: (server) => (server.delayMs = 1_500) });
    await dashboard.page.getByText("Asking how it goes...").waitFor();
    await dashboard.page.locator('[aria-busy="true"]').first().waitFor();
    await verdict(dashboard).waitFor();
    await dashboard.page.getByRole("heading", { name: "Database latency" }).waitFor();
    expect(await dashboard.page.locator('[aria-busy="true"]').count()).toBe(0);
    await dashboard.close();
  });
});

describe("a dashboard that nobody looks at", () => {
  it("asks nothing while its tab is hidden, and at once when it is seen again", async () => {
    const dashboard = await browser.open({ hasOwnClock: true });
    await verdict(dashboard).waitFor();
    await passTime(dashboard, 3);
    await setVisibility(dashboard, "hidden");
    await dashboard.settle();
    const asked = dashboard.countAsked("/ops/");
    await passTime(dashboard, 30);
    expect(dashboard.countAsked("/ops/")).toBe(asked);
    await setVisibility(dashboard, "visible");
    await waitFor("another question", () => dashboard.countAsked("/ops/") > asked);
    await dashboard.close();
  });

  it("asks nothing while it is paused, on any page, and goes on when told", async () => {
    const dashboard = await browser.open({ hasOwnClock: true });
    const { page } = dashboard;
    await verdict(dashboard).waitFor();
    const pause = page.getByRole("button", { name: "Pause the updates" });
    await pause.click();
    expect(await pause.getAttribute("aria-pressed")).toBe("true");
    await page.getByText("Paused. Nothing is asked until you go on.").waitFor();
    await dashboard.settle();
    const asked = dashboard.countAsked("/ops/");
    await passTime(dashboard, 30);
    expect(dashboard.countAsked("/ops/")).toBe(asked);
    expect(await page.getByText("Lost connection").count()).toBe(0);

    await page.getByRole("link", { name: "Workers" }).click();
    await page.getByText("also does the jobs").waitFor();
    await dashboard.settle();
    const askedForPage = dashboard.countAsked("/ops/");
    await passTime(dashboard, 30);
    expect(dashboard.countAsked("/ops/")).toBe(askedForPage);

    await pause.click();
    await passTime(dashboard, 3);
    await waitFor("more questions", () => dashboard.countAsked("/ops/v1/workers") > 1);
    await dashboard.close();
  });

  it("asks each question at its own pace, once for all who want to know", async () => {
    const dashboard = await browser.open({ hasOwnClock: true });
    await verdict(dashboard).waitFor();
    const before = dashboard.countAsked("/ops/v1/overview");
    const chartsBefore = dashboard.countAsked("/ops/v1/series");
    for (let second = 0; second < 10; second += 1) {
      await passTime(dashboard, 1);
      await dashboard.settle();
    }
    expect(dashboard.countAsked("/ops/v1/overview") - before).toBeLessThanOrEqual(11);
    expect(dashboard.countAsked("/ops/v1/series") - chartsBefore).toBeLessThanOrEqual(3);
    await dashboard.close();
  });
});
