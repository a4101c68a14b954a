import { afterAll, beforeAll, expect, test } from "vitest";
import { PersistentBuyers } from "../support/buy-persistently.ts";
import { createClient } from "../support/http-client.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  chartOf,
  type LiveBrowser,
  openLiveBrowser,
  readFigure,
  readRise,
  verdictOf,
  waitMaxMs,
  wordsOf,
} from "./open-live-dashboard.ts";

let database: TestDatabase;
let sale: Sale;
let browser: LiveBrowser;

beforeAll(async () => {
  database = await openTestDatabase();
  browser = await openLiveBrowser();
  sale = await openSale(database, { WORKERS_MAX: "3", SCALE_UP_RPS: "30", SCALE_DOWN_RPS: "10" });
});
afterAll(async () => {
  await sale.close();
  await browser.close();
  await database.close();
});

/** All is well, apart from what a machine does to a worker on which every other test runs, too. */
const selling = /^(?:HealthySelling normally|DegradedSelling, but a worker answers late)/;

/** Creates an event whose only ticket is sold. @returns its id */
async function createSoldOutEvent(): Promise<string> {
  const { url, adminKey } = sale;
  const send = createClient(url);
  const post = async (path: string, body: object) =>
    String((await send("post", path, { as: adminKey, body })).body["id"]);
  const eventId = await post("/v1/events", { name: "Sold out", capacity: 1 });
  const reservationId = await post(`/v1/events/${eventId}/reservations`, { user_id: "ada" });
  await post(`/v1/reservations/${reservationId}/confirm`, {});
  return eventId;
}

/** Lets one crowd buy, and another ask for what is sold out, until the work is done. */
async function whileBuying(work: () => Promise<void>): Promise<void> {
  const soldOut = await createSoldOutEvent();
  const where = (eventId: string) => () => ({ url: sale.url, eventId, serviceKey: sale.adminKey });
  const [early, late] = [new PersistentBuyers(where(sale.eventId)), new PersistentBuyers(where(soldOut))];
  const buying = Promise.all([early.buyUntilStopped(2), late.buyUntilStopped(2)]);
  try {
    await work();
  } finally {
    early.stop();
    late.stop();
    await buying;
  }
  expect(late.purchases.every(({ answer }) => answer?.text.includes("sold_out"))).toBe(true);
}

test(
  "under load the requests rise in figure and line, and refusals are counted apart and leave the verdict alone",
  { timeout: 90_000 },
  async () => {
    const { page, complaints, loadCount, close } = await browser.open(`${sale.opsUrl}/?range=5`);
    const requests = chartOf(page, "Requests");
    await verdictOf(page).filter({ hasText: selling }).waitFor();
    expect(await readFigure(requests, "All")).toBeLessThan(5);
    await whileBuying(async () => {
      await waitFor(
        "requests and refusals",
        async () => {
          const all = (await readFigure(requests, "All")) ?? 0;
          const refused = (await readFigure(requests, "Refused (4xx)")) ?? 0;
          return refused > 10 && all > refused + 10;
        },
        waitMaxMs,
      );
      expect(await readFigure(page.locator(".verdict"), "Requests/s")).toBeGreaterThan(0);
      await waitFor("the line to rise", async () => (await readRise(requests)) > 50, waitMaxMs);
      await waitFor(
        "the same in words",
        async () =>
          /Now: All [1-9].*, Refused \(4xx\) [1-9].*, Errors \(5xx\) 0\./.test(await wordsOf(requests)),
        waitMaxMs,
      );
      // Refusals have been going on for as long as the verdict looks back to.
      expect(await readFigure(page.locator(".verdict"), "Errors")).toBe(0);
      await verdictOf(page).filter({ hasText: selling }).waitFor();
    });
    expect(complaints).toEqual([]);
    expect(loadCount()).toBe(1);
    await close();
  },
);

test(
  "under load workers are added, and each addition is a mark on the charts",
  { timeout: 90_000 },
  async () => {
    const { page, complaints, close } = await browser.open(`${sale.opsUrl}/?range=5`);
    const workers = chartOf(page, "Workers");
    await whileBuying(async () => {
      await waitFor(
        "three workers",
        async () => {
          const [live, wanted] = [await readFigure(workers, "Live"), await readFigure(workers, "Wanted")];
          return live === 3 && wanted === 3;
        },
        waitMaxMs,
      );
      await verdictOf(page).filter({ hasText: "3 of 3 workers, 0 oversold" }).waitFor();
      await waitFor(
        "the mark in words",
        async () => /Marked: .*1 to \d workers: /.test(await wordsOf(workers)),
        waitMaxMs,
      );
    });
    await chartOf(page, "Requests")
      .locator(".mark-line--neutral line")
      .first()
      .waitFor({ state: "attached" });
    const changes = page.getByRole("region", { name: "What changed" }).getByRole("listitem");
    await changes
      .filter({ hasText: /Scaled:1 to \d workers: / })
      .first()
      .waitFor();
    expect(complaints).toEqual([]);
    await close();
  },
);
