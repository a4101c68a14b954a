import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { customerId, eventId } from "./fixtures/busy-jobs.ts";
import { makeBusySale } from "./fixtures/busy-sale.ts";
import { makeBrokenService, makeQuietService } from "./fixtures/quiet-service.ts";
import { type DashboardBrowser, openDashboardBrowser } from "./open-dashboard.ts";

let browser: DashboardBrowser;

beforeAll(async () => {
  browser = await openDashboardBrowser();
});
afterAll(() => browser.close());

const paths = [
  "/",
  "/?view=tables",
  "/sales",
  "/reservations?user_id=ada@shop.example",
  "/jobs",
  "/jobs?view=work",
  `/jobs?view=histories&customer_id=${customerId}`,
  `/jobs?view=histories&event_id=${eventId}`,
  "/jobs?view=messages",
  "/errors?entry=5",
  "/workers",
  "/nodes",
];
const phone = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true };

const nameOfFocus = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
  });
const schemeOf = (page: Page) => page.locator("html").getAttribute("data-mantine-color-scheme");

async function findWidest(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}

describe("at 375 px", () => {
  it.each([
    ["busy", makeBusySale],
    ["empty", makeQuietService],
    ["broken", makeBrokenService],
  ])("no page of the %s service scrolls sideways", async (_kind, makeReplies) => {
    const { page, server, close } = await browser.open({ path: "", replies: makeReplies(), context: phone });
    const widths: [string, number][] = [];
    for (const path of paths) {
      await page.goto(server.url + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await waitFor(
        "what is asked for",
        async () => (await page.locator('[aria-busy="true"]').count()) === 0,
      );
      widths.push([path, await findWidest(page)]);
    }
    expect(widths).toEqual(paths.map((path) => [path, 375]));
    await close();
  });

  it("the navigation folds into a menu that closes when a page is chosen", async () => {
    const { page, close } = await browser.open({ context: phone });
    expect(await page.getByRole("link", { name: "Workers" }).count()).toBe(0);
    await page.getByRole("button", { name: "Open the navigation" }).click();
    await page.getByRole("dialog").getByRole("link", { name: "Workers" }).click();
    await page.getByRole("heading", { name: "Workers", level: 1 }).waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    await close();
  });

  it("what changed can be read to the end", async () => {
    const replies = makeBusySale();
    const series = replies.series(15);
    const long = (text: string) => `${text}: ${"and what came of it ".repeat(5)}`;
    const marks = series.marks.map((mark) => ({ ...mark, text: long(mark.text) }));
    replies.series = () => ({ ...series, marks });
    const { page, close } = await browser.open({ replies, context: phone });
    const texts = page.getByRole("region", { name: "What changed" }).locator(".what-changed__text");
    await texts.first().waitFor();
    const seen = await texts.evaluateAll((elements) =>
      elements.map((element) => {
        const isWhole = element.scrollWidth <= element.clientWidth;
        return isWhole && element.getBoundingClientRect().right <= innerWidth;
      }),
    );
    expect(seen).toEqual([true, true, true]);
    await close();
  });

  it("a row of a table is a card in which each figure has its name, and is still a row", async () => {
    const { page, close } = await browser.open({ path: "/workers", context: phone });
    const row = page.getByRole("row").filter({ hasText: "Worker 2" });
    await row.waitFor();
    expect(await row.getByRole("cell").count()).toBe(9);
    const label = await row
      .getByRole("cell")
      .nth(1)
      .evaluate((cell) => getComputedStyle(cell, "::before").content);
    expect(label).toBe('"pid"');
    await close();
  });
});

describe("with the keyboard alone", () => {
  it("the first stop skips to the content, and each stop can be seen", async () => {
    const { page, close } = await browser.open();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.keyboard.press("Tab");
    expect(await nameOfFocus(page)).toBe("Skip to the content");
    const link = page.getByRole("link", { name: "Skip to the content" });
    await waitFor("the link to be in sight", async () => ((await link.boundingBox())?.y ?? -1) >= 0);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.closest("main") !== null)).toBe(true);
    const outlined = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null) return "";
      // The browser draws nothing itself around a hidden radio button; its label is drawn instead.
      const seen = element instanceof HTMLInputElement ? element.nextElementSibling : element;
      return getComputedStyle(seen ?? element).outlineStyle;
    });
    expect(outlined).toBe("solid");
    await close();
  });

  it("one goes from page to page, pauses a sale, and reads a chart as a table", async () => {
    const { page, server, close } = await browser.open();
    await page.getByRole("heading", { level: 1 }).waitFor();
    const tabTo = async (name: string) => {
      for (let stop = 0; stop < 120; stop += 1) {
        await page.keyboard.press("Tab");
        if ((await nameOfFocus(page)) === name) return;
      }
      throw new Error(`The keyboard does not reach "${name}".`);
    };
    await tabTo("Latency: show as table");
    await page.keyboard.press("Enter");
    await page.getByRole("table", { name: "Latency, of answers, ms" }).waitFor();
    await page.getByRole("link", { name: "Overview" }).focus();
    await tabTo("Sales");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Sales", level: 1 }).waitFor();
    await waitFor("the focus on the heading", async () => (await nameOfFocus(page)) === "Sales");
    await page.getByRole("heading", { name: "Harbour Jazz, front rows" }).waitFor();
    await tabTo("Pause Harbour Jazz, front rows");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.type("Checking the seats");
    await tabTo("Pause the sale");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(server.requests.find(({ method }) => method === "POST")?.body).toEqual({
      reason: "Checking the seats",
    });
    await close();
  });
});

describe("the scheme", () => {
  it("follows the system until one is chosen, and the choice is there before the first paint", async () => {
    const { page, complaints, close } = await browser.open({ context: { colorScheme: "dark" } });
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await schemeOf(page)).toBe("dark");
    await page.emulateMedia({ colorScheme: "light" });
    await waitFor("the light scheme", async () => (await schemeOf(page)) === "light");
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("radio", { name: "Dark" }).check();
    await waitFor("the dark scheme", async () => (await schemeOf(page)) === "dark");
    // Without its own code the page still starts in the chosen scheme.
    await page.route("**/assets/*.js", (route) => route.abort());
    await page.reload();
    expect(await schemeOf(page)).toBe("dark");
    expect(complaints).toEqual([]);
    await close();
  });
});

describe("an address", () => {
  it.each(paths)("%s opens its page at once", async (path) => {
    const { page, complaints, close } = await browser.open({ path });
    await page.getByRole("heading", { level: 1 }).waitFor();
    const current = page.getByRole("navigation", { name: "Pages" }).locator('[aria-current="page"]');
    expect(await current.count()).toBe(1);
    expect(complaints).toEqual([]);
    await close();
  });

  it("that leads nowhere says so and leads back", async () => {
    const { page, close } = await browser.open({ path: "/nowhere" });
    await page.getByRole("link", { name: "Go to the overview" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/");
    await close();
  });
});

describe("a page whose code is gone", () => {
  it("says that it cannot be shown while the verdict goes on", async () => {
    const { page, close } = await browser.open();
    await page.getByText("Selling normally").waitFor();
    await page.route("**/assets/nodes-page*.js", (route) => route.fulfill({ status: 404 }));
    await page.getByRole("link", { name: "Nodes" }).click();
    await page.getByText("This page could not be shown").waitFor();
    expect(await page.getByText("Selling normally").count()).toBe(1);
    await page.getByRole("link", { name: "Workers" }).click();
    await page.getByText("also does the jobs").waitFor();
    await close();
  });
});
