import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  awaitOrder,
  cartDrawer,
  checkOut,
  closeCart,
  emailField,
  fillCheckout,
  payButton,
  reserve,
  reservePanel,
} from "./act-as-buyer.ts";
import { findMisfits, smallPhone } from "./find-misfits.ts";
import { openShop, type Shop } from "./open-shop.ts";

vi.setConfig({ testTimeout: 60_000 });

/** A word that fits on no small screen. */
const longWord = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
const shiftMax = 0.1;
/** Pages that have nothing to show, by their addresses, with their headings. */
const pagesWithNothing = {
  "/checkout": "Checkout",
  "/events/01a1fe3a-f24d-79cf-89ae-000000000000": "No such event",
  "/orders/01a1fe3a-f24d-79cf-89ae-000000000000": "This order cannot be shown here",
};
let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

test("at 320 px nothing is cut off and every target is large enough, from the catalogue to the receipt", async () => {
  const event = await shop.createEvent(`Evening of the ${longWord}`, {
    max_quantity: 4,
    price_cents: 123_456,
  });
  const { page, close } = await shop.visit("/", smallPhone);
  await page.getByRole("link", { name: event.name }).waitFor();
  expect(await findMisfits(page), "the catalogue").toEqual([]);
  await page.getByRole("searchbox").fill("nothing like it");
  await page.getByRole("button", { name: "Show all events" }).waitFor();
  expect(await findMisfits(page), "a search without results").toEqual([]);
  await page.getByRole("button", { name: "Show all events" }).click();
  await page.getByRole("link", { name: event.name }).click();
  await reservePanel(page).getByText("10 left").waitFor();
  expect(await findMisfits(page), "the event").toEqual([]);
  await reserve(page, event.name, 4);
  expect(await findMisfits(page), "the cart").toEqual([]);
  await closeCart(page);
  expect(await findMisfits(page), "the event with tickets in the cart").toEqual([]);
  await page.getByRole("button", { name: "Open the cart" }).click();
  await checkOut(page);
  await emailField(page).fill("x".repeat(70));
  await payButton(page).click();
  await page.getByText("Please check what you typed").waitFor();
  expect(await findMisfits(page), "the checkout with a mistake").toEqual([]);
  await fillCheckout(page, `${"x".repeat(60)}@${"y".repeat(60)}.example.org`);
  await payButton(page).click();
  await awaitOrder(page, "The tickets are yours");
  expect(await findMisfits(page), "the receipt").toEqual([]);
  await page.getByRole("navigation", { name: "Shop" }).getByRole("link", { name: "My tickets" }).click();
  await page.getByRole("listitem").filter({ hasText: "4 tickets" }).waitFor();
  expect(await findMisfits(page), "my tickets").toEqual([]);
  for (const [path, heading] of Object.entries(pagesWithNothing)) {
    await page.goto(shop.url + path);
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    expect(await findMisfits(page), `at ${path}`).toEqual([]);
  }
  expect(await shop.readOrders(event.id)).toMatchObject([{ status: "paid", total_cents: 493_824 }]);
  await close();
});

test("at 320 px an ended cart and an offer of more time fit too", async () => {
  const event = await shop.createEvent("Jazz", { hold_seconds: 8, max_quantity: 2 });
  const { page, close } = await shop.visit(`/events/${event.id}`, smallPhone);
  await reserve(page, event.name);
  await page.getByRole("button", { name: "Keep my tickets longer" }).waitFor();
  expect(await findMisfits(page), "the cart with an offer").toEqual([]);
  await cartDrawer(page).getByText("Your hold ended at").waitFor();
  expect(await findMisfits(page), "the ended cart").toEqual([]);
  await close();
});

/** What counts as the shifts of the page's layout so far, as browsers report it. */
function readShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const entries: PerformanceEntry[] = [];
        const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
        observer.observe({ type: "layout-shift", buffered: true });
        // Two frames, after which everything that was buffered has been told.
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            entries.push(...observer.takeRecords());
            const values = entries.map(
              (entry) => entry as unknown as { value: number; hadRecentInput: boolean },
            );
            resolve(values.reduce((sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value), 0));
          }),
        );
      }),
  );
}

test.each([
  { name: "a phone", viewport: { width: 375, height: 812 } },
  { name: "a desk", viewport: { width: 1280, height: 900 } },
])("nothing jumps while the catalogue and an event are loaded on $name", async ({ viewport }) => {
  const events = await Promise.all(
    ["one", "two", "three", "four", "five"].map((each) => shop.createEvent(`Still ${each}`)),
  );
  const { page, openTab, close } = await shop.visit("/", { viewport });
  await page.getByText("Live: numbers change as tickets go").waitFor();
  expect(await readShift(page), "the catalogue").toBeLessThan(shiftMax);
  const second = await openTab(`/events/${events[0]?.id}`);
  await second.getByText("Live: numbers change as tickets go").waitFor();
  expect(await readShift(second), "the event").toBeLessThan(shiftMax);
  await close();
});
