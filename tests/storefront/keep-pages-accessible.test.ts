import type { Page } from "playwright-core";
import { afterAll, beforeAll, test, vi } from "vitest";
import type { EventReply } from "../../api/contract/events.ts";
import { findBarriers } from "../dashboard/open-dashboard.ts";
import {
  awaitOrder,
  cartButton,
  cartDrawer,
  checkOut,
  closeCart,
  fillCheckout,
  goToEvent,
  heldList,
  payButton,
  prepareCheckout,
  reserve,
  reservePanel,
} from "./act-as-buyer.ts";
import { openShop, type Shop } from "./open-shop.ts";

// Axe looks at every element several times, which takes long while other tests keep the processors busy.
vi.setConfig({ testTimeout: 120_000 });

let shop: Shop;
let events: readonly EventReply[];

beforeAll(async () => {
  shop = await openShop();
  events = await Promise.all([
    shop.createEvent("Harbour Jazz", { max_quantity: 4 }),
    shop.createEvent("Only a few", { capacity: 2 }),
    shop.createEvent("Free for all", { price_cents: 0 }),
    shop.createEvent("Not yet", { sales_start_at: new Date(Date.now() + 3_600_000).toISOString() }),
    shop.createEvent("Sold out", { capacity: 0 }),
  ]);
});
afterAll(() => shop?.close());

/** What axe finds in both schemes. */
async function inspect(page: Page): Promise<{ light: readonly string[]; dark: readonly string[] }> {
  await page.emulateMedia({ colorScheme: "light" });
  await page.locator('html[data-mantine-color-scheme="light"]').waitFor({ state: "attached" });
  const light = await findBarriers(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor({ state: "attached" });
  // Nothing but colours depends on the scheme.
  const dark = await findBarriers(page, ["color-contrast"]);
  await page.emulateMedia({ colorScheme: "light" });
  return { light, dark };
}

const nothing = { light: [], dark: [] };

test.concurrent("axe finds nothing on the way from the catalogue to the receipt, light or dark", async ({
  expect,
}) => {
  const [jazz = { id: "", name: "" }, few = { id: "", name: "" }] = events;
  const { page, close } = await shop.visit("/");
  await page.getByRole("link", { name: "Harbour Jazz" }).waitFor();
  await page.getByText("Live: numbers change").waitFor();
  expect(await inspect(page), "the catalogue").toEqual(nothing);
  await goToEvent(page, jazz);
  await reservePanel(page).getByText("Live: numbers change").waitFor();
  expect(await inspect(page), "the event").toEqual(nothing);
  await reserve(page, "Harbour Jazz", 2);
  expect(await inspect(page), "the cart").toEqual(nothing);
  await closeCart(page);
  await reservePanel(page).getByText("2 tickets in your cart").waitFor();
  expect(await inspect(page), "the event with tickets in the cart").toEqual(nothing);
  await goToEvent(page, few);
  await reserve(page, "Only a few");
  await checkOut(page);
  expect(await inspect(page), "the checkout").toEqual(nothing);
  await payButton(page).click();
  await page.getByText("Please check what you typed").waitFor();
  expect(await inspect(page), "the checkout with a mistake").toEqual(nothing);
  await fillCheckout(page, "ada@example.org");
  await payButton(page).click();
  await awaitOrder(page, "The tickets are yours");
  expect(await inspect(page), "the receipt").toEqual(nothing);
  await page.getByRole("navigation", { name: "Shop" }).getByRole("link", { name: "My tickets" }).click();
  await page.getByRole("listitem").filter({ hasText: "3 tickets" }).waitFor();
  expect(await inspect(page), "my tickets").toEqual(nothing);
  await close();
});

test.concurrent("axe finds nothing on pages that have nothing to show", async ({ expect }) => {
  const { page, close } = await shop.visit("/?search=nothing+like+it");
  await page.getByRole("heading", { name: "No event has that in its name" }).waitFor();
  expect(await inspect(page), "a search without results").toEqual(nothing);
  await cartButton(page, 0).click();
  await cartDrawer(page).getByText("Nothing in it yet").waitFor();
  expect(await inspect(page), "the empty cart").toEqual(nothing);
  const empty: Readonly<Record<string, string>> = {
    "/tickets": "No tickets yet",
    "/checkout": "There is nothing to pay",
    "/events/01a1fe3a-f24d-79cf-89ae-000000000000": "There is no event at this address.",
    "/orders/01a1fe3a-f24d-79cf-89ae-000000000000": "An order can only be read by the guest who made it",
  };
  for (const [path, text] of Object.entries(empty)) {
    await page.goto(shop.url + path);
    await page.getByText(text).first().waitFor();
    expect(await inspect(page), path).toEqual(nothing);
  }
  for (const event of events.slice(3)) {
    await goToEvent(page, event);
    await reservePanel(page).getByText("Live: numbers change").waitFor();
    expect(await inspect(page), event.name).toEqual(nothing);
  }
  await close();
});

test.concurrent("axe finds nothing on refusals, ended holds, declined and unfinished payments", async ({
  expect,
}) => {
  const short = await shop.createEvent("Ends soon", { hold_seconds: 5, max_quantity: 2 });
  const { page, close } = await shop.visit(`/events/${short.id}`, {
    prepare: (each) => each.route("**/stream*", (route) => route.abort()),
  });
  await reservePanel(page).getByText("10 left").waitFor();
  await shop.askForHold(short.id, "rival", 2);
  await shop.post(`/v1/events/${short.id}/pause`, { reason: "The hall is being checked." });
  await reservePanel(page).getByRole("button", { name: "Reserve 1 ticket" }).click();
  await page.getByRole("alert").waitFor();
  expect(await inspect(page), "a refusal").toEqual(nothing);
  await shop.post(`/v1/events/${short.id}/resume`);
  await reservePanel(page).getByRole("button", { name: "Reserve 1 ticket" }).click();
  await heldList(page).waitFor();
  await cartDrawer(page).getByText("Your hold ended at").waitFor();
  expect(await inspect(page), "an ended cart").toEqual(nothing);

  const [jazz = { id: "", name: "" }] = events;
  await prepareCheckout(page, jazz, { email: "ada@example.org", card: "Is declined" });
  await payButton(page).click();
  await awaitOrder(page, "Your payment was declined");
  expect(await inspect(page), "a declined payment").toEqual(nothing);
  await page.getByRole("link", { name: "Pay with another card" }).click();
  await page.getByRole("radio", { name: /^Is late/ }).check();
  await payButton(page).click();
  await awaitOrder(page, "We are checking your payment");
  expect(await inspect(page), "a payment that is being checked").toEqual(nothing);
  await page.getByRole("button", { name: /^Cart/ }).click();
  await cartDrawer(page).waitFor();
  expect(await inspect(page), "the cart while it is paid").toEqual(nothing);
  await close();
});
