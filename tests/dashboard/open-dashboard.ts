import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { ensurePagesBuilt } from "../../scripts/build-pages.mjs";
import { waitFor } from "../support/wait-for.ts";
import { openBrowser } from "../support/open-browser.ts";
import { makeBusySale } from "./fixtures/busy-sale.ts";
import type { Replies } from "./fixtures/replies.ts";
import { type FixtureServer, serveFixtures } from "./serve-fixtures.ts";

const waitMaxMs = 10_000;

/** A browser and the built dashboard, for all tests of a file. */
export interface DashboardBrowser {
  /**
   * Opens the dashboard in a context of its own, served by a server of its own.
   *
   * @param options.path where to start; "" for opening nothing yet
   * @param options.hasOwnClock whether time stands still in the page until the test moves it
   */
  open(options?: {
    readonly path?: string;
    readonly replies?: Replies;
    readonly context?: BrowserContextOptions;
    readonly hasOwnClock?: boolean;
    readonly prepare?: (server: FixtureServer) => void;
  }): Promise<OpenDashboard>;
  close(): Promise<void>;
}

export interface OpenDashboard {
  readonly page: Page;
  readonly server: FixtureServer;
  /** What the page complained of: exceptions, breaches of the content security policy, errors of React. */
  readonly complaints: readonly string[];
  /** How often a question was asked so far. */
  countAsked(path: string): number;
  /** Waits until every question that was sent has its answer. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export async function openDashboardBrowser(): Promise<DashboardBrowser> {
  const { dist } = await ensurePagesBuilt("dashboard");
  const browser = await openBrowser();
  const opened: OpenDashboard[] = [];
  return {
    open: async (options = {}) => {
      const dashboard = await openOne(browser, dist, options);
      opened.push(dashboard);
      return dashboard;
    },
    close: async () => {
      await Promise.all(opened.map((each) => each.close()));
      await browser.close();
    },
  };
}

async function openOne(
  browser: Browser,
  dist: string,
  options: NonNullable<Parameters<DashboardBrowser["open"]>[0]>,
): Promise<OpenDashboard> {
  const server = await serveFixtures(dist, options.replies ?? makeBusySale());
  options.prepare?.(server);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options.context });
  context.setDefaultTimeout(waitMaxMs);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A question that gets no answer, or a refusal, is reported by the browser itself.
    const isOurs = message.type() === "error" && !message.text().startsWith("Failed to load resource");
    if (isOurs) complaints.push(message.text());
  });
  let openCount = 0;
  page.on("request", () => (openCount += 1));
  page.on("requestfinished", () => (openCount -= 1));
  page.on("requestfailed", () => (openCount -= 1));
  if (options.hasOwnClock === true) await page.clock.install({ time: Date.now() });
  const path = options.path ?? "/";
  if (path !== "") await page.goto(server.url + path);
  let isOpen = true;
  return {
    page,
    server,
    complaints,
    countAsked: (asked) => server.requests.filter((request) => request.path.startsWith(asked)).length,
    settle: async () => {
      // What the page has sent is reported before it answers this.
      await page.evaluate(() => 0);
      await waitFor("the answers", () => openCount === 0);
    },
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      await context.close();
      await server.stop();
    },
  };
}

/**
 * What axe finds wrong, one line for each element.
 *
 * @param rules those to check alone; all of them unless told
 */
export async function findBarriers(page: Page, rules: string[] = []): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules.length === 0 ? axe : axe.withRules(rules)).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary ?? ""}`),
  );
}
