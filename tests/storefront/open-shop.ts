import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { EventReply } from "../../api/contract/events.ts";
import type { Answer } from "../support/answer.ts";
import { requireRightStock } from "../support/check-stock.ts";
import { createClient } from "../support/http-client.ts";
import { openBrowser } from "../support/open-browser.ts";
import { openSale, type Sale } from "../support/open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";

/** A page waits for a service and payments while every other test runs, too. */
const waitMaxMs = 30_000;

/** Somebody who looks at the shop, in a browser of their own as far as the shop can tell. */
interface Visit {
  readonly page: Page;
  /** Opens the shop in another tab of the same browser. */
  openTab(path: string): Promise<Page>;
  /** Ends the visit. @throws when a page complained of something, such as an exception in it */
  close(): Promise<void>;
}

interface VisitOptions extends BrowserContextOptions {
  /** Where the shop is reached, when that is not the straight way. */
  readonly url?: string;
  /** Called before the first page is loaded. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

interface OrderRow {
  readonly id: string;
  readonly status: string;
  readonly payment_status: string;
  readonly total_cents: number;
  readonly email: string;
}

interface PaymentRow {
  readonly order_id: string;
  readonly status: string;
  readonly amount_cents: number;
  readonly refunded_cents: number;
}

interface ReservationRow {
  readonly status: string;
  readonly quantity: number;
  readonly cart_id: string | null;
  readonly user_id: string;
  readonly expires_at: Date;
}

/** The whole service with its storefront and one browser, for all tests of a file. */
export interface Shop {
  readonly url: string;
  readonly database: TestDatabase;
  readonly sale: Sale;
  visit(path: string, options?: VisitOptions): Promise<Visit>;
  /** Makes an event with 10 tickets for 45 dollars each unless told otherwise. */
  createEvent(name: string, terms?: object): Promise<EventReply>;
  readEvent(eventId: string): Promise<EventReply>;
  /** Sends something as the shop's owner. */
  post(path: string, body?: object): Promise<Answer>;
  /** Holds tickets for another buyer. @returns the answer, whatever it is */
  askForHold(eventId: string, userId: string, quantity?: number): Promise<Answer>;
  readReservations(eventId: string): Promise<ReservationRow[]>;
  /** The orders with tickets of an event, the oldest first. */
  readOrders(eventId: string): Promise<OrderRow[]>;
  /** What the payment provider knows of the orders with tickets of an event. */
  readPayments(eventId: string): Promise<PaymentRow[]>;
  /** The receipts that went to an address. */
  readReceipts(to: string): Promise<{ readonly subject: string; readonly text: string }[]>;
  /** Stops everything. @throws when the stock does not add up */
  close(): Promise<void>;
}

/**
 * Starts the service as an operator starts it for a demonstration, and a browser.
 *
 * @param settings more than the usual ones
 * @param options.throughDatabase how the service reaches its database, when that is not the straight way
 */
export async function openShop(
  settings: Readonly<Record<string, string>> = {},
  options: {
    readonly throughDatabase?: (straight: string) => Promise<{ readonly connectionString: string }>;
  } = {},
): Promise<Shop> {
  const database = await openTestDatabase();
  const reached = (await options.throughDatabase?.(database.connectionString)) ?? database;
  const usual = { DEMO: "1", WORKERS_MIN: "1", WORKERS_MAX: "1", PAYMENT_GRACE_SECONDS: "1" };
  const [sale, browser] = await Promise.all([openSale(reached, { ...usual, ...settings }), openBrowser()]);
  return {
    url: sale.url,
    database,
    sale,
    visit: (path, visitOptions = {}) => openVisit(browser, sale.url, path, visitOptions),
    ...ownerCalls(sale),
    ...readBooks(database, sale),
    close: async () => {
      await browser.close();
      await sale.close();
      await requireRightStock(database).finally(() => database.close());
    },
  };
}

async function openVisit(
  browser: Browser,
  shopUrl: string,
  path: string,
  { url = shopUrl, prepare, ...options }: VisitOptions,
): Promise<Visit> {
  // Times on the page are compared with the service's, which are told in UTC.
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: "en-US",
    timezoneId: "UTC",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(waitMaxMs);
  const complaints: string[] = [];
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("console", (message) => {
    // A question that gets no answer, or a refusal, is reported by the browser itself.
    const isOurs = message.type() === "error" && !message.text().startsWith("Failed to load resource");
    if (isOurs) complaints.push(message.text());
  });
  const openTab = async (tabPath: string) => {
    const page = await context.newPage();
    await prepare?.(page);
    await page.goto(url + tabPath);
    return page;
  };
  return {
    page: await openTab(path),
    openTab,
    close: async () => {
      await context.close();
      if (complaints.length > 0) throw new Error(`The page complained: ${complaints.join("\n")}`);
    },
  };
}

function ownerCalls({ url, adminKey }: Sale) {
  const send = createClient(url);
  const post: Shop["post"] = (path, body = {}) => send("post", path, { as: adminKey, body });
  return {
    post,
    createEvent: async (name: string, terms: object = {}) => {
      const made = await post("/v1/events", { name, capacity: 10, price_cents: 4500, ...terms });
      if (made.status !== 201) throw new Error(`The event was not made: ${made.text}`);
      return made.body as unknown as EventReply;
    },
    readEvent: async (eventId: string) =>
      (await send("get", `/v1/events/${eventId}`)).body as unknown as EventReply,
    askForHold: (eventId: string, userId: string, quantity = 1) =>
      post(`/v1/events/${eventId}/reservations`, { user_id: userId, quantity }),
  };
}

function readBooks({ query }: TestDatabase, { settings }: Sale) {
  const ordersOf = `select id, status, payment_status, total_cents::int, email from orders
    where items @> jsonb_build_array(jsonb_build_object('event_id', $1::text)) order by created_at`;
  return {
    readReservations: (eventId: string) =>
      query<ReservationRow>(
        `select status, quantity, cart_id, user_id, expires_at from reservations
         where event_id = $1 order by created_at`,
        [eventId],
      ),
    readOrders: (eventId: string) => query<OrderRow>(ordersOf, [eventId]),
    readPayments: (eventId: string) =>
      query<PaymentRow>(
        `select key as order_id, status, amount_cents::int, refunded_cents::int from demo_payments
         where key in (select id::text from (${ordersOf}) as found) order by created_at`,
        [eventId],
      ),
    readReceipts: async (to: string) => {
      const file = join(settings["DATA_DIR"] ?? "", "outbox/email.jsonl");
      const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
      const messages = lines.map((line) => JSON.parse(line) as { to: string; subject: string; text: string });
      return messages.filter((message) => message.to === to);
    },
  };
}
