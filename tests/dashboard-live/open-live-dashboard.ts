import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { openBrowser } from "../support/open-browser.ts";

/** A page waits for a service that starts, scales or recovers while every other test runs, too. */
export const waitMaxMs = 45_000;

/** A browser for all tests of a file. */
export interface LiveBrowser {
  /** Opens the dashboard of a running service in a context of its own. */
  open(url: string, context?: BrowserContextOptions): Promise<LiveDashboard>;
  close(): Promise<void>;
}

interface LiveDashboard {
  readonly page: Page;
  /** What the page complained of: exceptions, breaches of the content security policy, errors of React. */
  readonly complaints: readonly string[];
  /** How many documents were loaded: 1 for as long as nothing was loaded again. */
  loadCount(): number;
  close(): Promise<void>;
}

export async function openLiveBrowser(): Promise<LiveBrowser> {
  const browser = await openBrowser();
  return {
    open: async (url, options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      context.setDefaultTimeout(waitMaxMs);
      const page = await context.newPage();
      const complaints: string[] = [];
      let loads = 0;
      page.on("domcontentloaded", () => (loads += 1));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        // A question that gets no answer, or a refusal, is reported by the browser itself.
        const isOurs = message.type() === "error" && !message.text().startsWith("Failed to load resource");
        if (isOurs) complaints.push(message.text());
      });
      await page.goto(url);
      return { page, complaints, loadCount: () => loads, close: () => context.close() };
    },
    close: () => browser.close(),
  };
}

/** The one sentence on how it goes. */
export function verdictOf(page: Page): Locator {
  return page.locator(".verdict").getByRole("status");
}

/** The panel of a chart, by its title. */
export function chartOf(page: Page, title: string): Locator {
  return page.getByRole("region", { name: new RegExp(`^${title} `) });
}

/** What a chart says of itself to those who do not see it. */
export async function wordsOf(chart: Locator): Promise<string> {
  return (await chart.getByRole("img").first().getAttribute("aria-label")) ?? "";
}

/** A figure that stands beside its name; null for one that was not measured. */
export async function readFigure(panel: Locator, name: string): Promise<number | null> {
  const text = await panel.locator("dl > div").filter({ hasText: name }).locator("dd").first().textContent();
  const digits = /[\d,]+(?:\.\d+)?/.exec(text ?? "")?.[0];
  return digits === undefined ? null : Number(digits.replaceAll(",", ""));
}

/** How far apart the lowest and the highest point of a chart's first line are drawn, in pixels; 0 without a line. */
export async function readRise(chart: Locator): Promise<number> {
  const [line] = await chart.locator(".recharts-line-curve").all();
  const drawn = (await line?.getAttribute("d")) ?? "";
  const heights = [...drawn.matchAll(/[ML][\d.]+,([\d.]+)/g)].map(([, height]) => Number(height));
  return heights.length < 2 ? 0 : Math.max(...heights) - Math.min(...heights);
}
