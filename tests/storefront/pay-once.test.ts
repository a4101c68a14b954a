import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { EventReply } from "../../api/contract/events.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  awaitOrder,
  cartButton,
  checkingPayment,
  emailField,
  goToEvent,
  heldList,
  orderIdOf,
  payButton,
  prepareCheckout,
  pressAtOnce,
  reservePanel,
} from "./act-as-buyer.ts";
import { openShop, type Shop } from "./open-shop.ts";

vi.setConfig({ testTimeout: 60_000 });

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

/** The idempotency keys under which a page has sent checkouts so far. */
function watchKeys(page: Page): readonly (string | undefined)[] {
  const keys: (string | undefined)[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/checkout") && request.method() === "POST")
      keys.push(request.headers()["idempotency-key"]);
  });
  return keys;
}

/** Expects the one order of an event that the page shows, paid once. */
async function expectPaidOnce(page: Page, event: EventReply): Promise<void> {
  const id = orderIdOf(page);
  expect(await shop.readOrders(event.id)).toMatchObject([{ id, status: "paid" }]);
  expect(await shop.readPayments(event.id)).toMatchObject([
    { order_id: id, status: "succeeded", amount_cents: 4500, refunded_cents: 0 },
  ]);
  expect(await shop.readEvent(event.id)).toMatchObject({ held: 0, sold: 1 });
}

test("a double click on Reserve makes one hold, and one on Pay makes one order", async () => {
  const event = await shop.createEvent("Clicked twice", { max_quantity: 4 });
  const { page, close } = await shop.visit(`/events/${event.id}`);
  const keys = watchKeys(page);
  await reservePanel(page).getByRole("button", { name: "Reserve 1 ticket" }).dblclick();
  await heldList(page).getByRole("link", { name: event.name }).waitFor();
  await cartButton(page, 1).waitFor({ state: "attached" });
  expect(await shop.readReservations(event.id)).toMatchObject([{ status: "held", quantity: 1 }]);
  expect(await shop.readEvent(event.id)).toMatchObject({ available: 9, held: 1 });

  await page.getByRole("link", { name: "Check out" }).click();
  await emailField(page).fill("ada@example.org");
  await payButton(page).dblclick();
  await awaitOrder(page, "The tickets are yours");
  await expectPaidOnce(page, event);
  expect(new Set(keys).size).toBe(1);
  await close();
});

test("two tabs that pay the same cart at once make one order, and both show it", async () => {
  const event = await shop.createEvent("Paid in two tabs");
  const { page, openTab, close } = await shop.visit("/");
  await prepareCheckout(page, event, { email: "ada@example.org" });
  const other = await openTab("/checkout");
  await emailField(other).fill("ada@example.org");
  await pressAtOnce([payButton(page), payButton(other)]);
  await awaitOrder(page, "The tickets are yours");
  await awaitOrder(other, "The tickets are yours");
  await expectPaidOnce(page, event);
  expect(orderIdOf(other)).toBe(orderIdOf(page));
  await close();
});

test("reload and back in the middle of the checkout keep the cart and what was typed", async () => {
  const event = await shop.createEvent("Come back to it");
  const { page, close } = await shop.visit("/");
  await goToEvent(page, event);
  await prepareCheckout(page, event, { email: "ada@example.org", card: "Is slow" });
  const [before] = await shop.readReservations(event.id);
  const expectForm = async () => {
    await payButton(page).waitFor();
    expect(await emailField(page).inputValue()).toBe("ada@example.org");
    expect(await page.getByRole("radio", { name: /^Is slow/ }).isChecked()).toBe(true);
  };
  await page.reload();
  await expectForm();
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: event.name }).waitFor();
  await reservePanel(page).getByText("1 ticket in your cart").waitFor();
  await cartButton(page, 1).waitFor();
  await page.goForward();
  await expectForm();
  expect(await shop.readReservations(event.id)).toEqual([before]);
  await close();
});

test("a reload while a payment is on its way goes on with it under the same key", async () => {
  const event = await shop.createEvent("Reloaded while paying");
  const { page, close } = await shop.visit("/");
  const keys = watchKeys(page);
  await prepareCheckout(page, event, { email: "ada@example.org" });
  // The service gets the checkout and pays it, but the page never hears of that before the reload. The route stays:
  // taking it away would send on the request that it holds, and its answer would race with the reload.
  let isDeaf = true;
  await page.route("**/checkout", async (route) => {
    if (!isDeaf || route.request().method() !== "POST") return route.continue();
    await route.fetch();
  });
  await payButton(page).click();
  await page.getByRole("heading", { name: checkingPayment }).waitFor();
  await waitFor("the order", async () => (await shop.readOrders(event.id))[0]?.status === "paid");
  isDeaf = false;
  await page.reload();
  await awaitOrder(page, "The tickets are yours");
  await expectPaidOnce(page, event);
  expect(keys.length).toBeGreaterThan(1);
  expect(new Set(keys).size).toBe(1);
  await cartButton(page, 0).waitFor();

  // Going back does not lead into the checkout of what is bought already.
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: event.name }).waitFor();
  expect(await shop.readOrders(event.id)).toHaveLength(1);
  await close();
});
