import { afterAll, beforeAll, test, vi } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import {
  awaitOrder,
  cartButton,
  checkingPayment,
  orderIdOf,
  payButton,
  prepareCheckout,
} from "./act-as-buyer.ts";
import { openShop, type Shop } from "./open-shop.ts";

vi.setConfig({ testTimeout: 90_000 });

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

test.concurrent("a declined payment charges nothing, and the tickets can be paid with another card", async ({
  expect,
}) => {
  const event = await shop.createEvent("Declined");
  const { page, close } = await shop.visit("/");
  await prepareCheckout(page, event, { email: "ada@example.org", card: "Is declined" });
  await payButton(page).click();
  await awaitOrder(page, "Your payment was declined");
  await page.getByText("The answer was: The card was declined. You have not been charged.").waitFor();
  expect(await shop.readOrders(event.id)).toMatchObject([{ id: orderIdOf(page), status: "declined" }]);
  expect(await shop.readPayments(event.id)).toMatchObject([{ status: "declined" }]);
  expect(await shop.readEvent(event.id)).toMatchObject({ held: 1, sold: 0 });
  await page.getByText("Your tickets are still held").waitFor();
  await cartButton(page, 1).waitFor();

  await page.getByRole("link", { name: "Pay with another card" }).click();
  await page.getByRole("radio", { name: /^Pays/ }).check();
  await payButton(page).click();
  await awaitOrder(page, "The tickets are yours");
  const statuses = (await shop.readOrders(event.id)).map(({ status }) => status);
  expect(statuses).toEqual(["declined", "paid"]);
  expect(await shop.readPayments(event.id)).toMatchObject([
    { status: "declined" },
    { order_id: orderIdOf(page), status: "succeeded", amount_cents: 4500 },
  ]);
  expect(await shop.readEvent(event.id)).toMatchObject({ held: 0, sold: 1 });
  await close();
});

test.concurrent("a slow payment is waited for, and nothing is claimed meanwhile", async ({ expect }) => {
  const event = await shop.createEvent("Slow");
  const { page, close } = await shop.visit("/");
  await prepareCheckout(page, event, { email: "ada@example.org", card: "Is slow" });
  await payButton(page).click();
  await page.getByRole("heading", { name: checkingPayment }).waitFor();
  expect(await payButton(page).count()).toBe(0);
  await waitFor("the order", async () => (await shop.readOrders(event.id))[0]?.status === "pending");
  await awaitOrder(page, "The tickets are yours");
  expect(await shop.readPayments(event.id)).toMatchObject([
    { order_id: orderIdOf(page), status: "processing", amount_cents: 4500, refunded_cents: 0 },
  ]);
  expect(await shop.readOrders(event.id)).toMatchObject([{ status: "paid", payment_status: "succeeded" }]);
  await close();
});

test.concurrent("a payment whose reply is lost is being checked, also after a reload, until it is paid", async ({
  expect,
}) => {
  const event = await shop.createEvent("Lost");
  const { page, openTab, close } = await shop.visit("/");
  await prepareCheckout(page, event, { email: "ada@example.org", card: "Loses its reply" });
  await payButton(page).click();
  await page.getByRole("heading", { name: checkingPayment }).waitFor();
  await awaitOrder(page, "We are checking your payment");
  for (const reload of [false, true]) {
    if (reload) await page.reload();
    await awaitOrder(page, "We are checking your payment");
    await page.getByRole("status").filter({ hasText: "Do not pay again." }).waitFor();
  }
  expect(await shop.readOrders(event.id)).toMatchObject([{ id: orderIdOf(page), status: "pending" }]);
  const other = await openTab("/checkout");
  await awaitOrder(other, "We are checking your payment");
  expect(await payButton(other).count()).toBe(0);

  await awaitOrder(page, "The tickets are yours");
  await awaitOrder(other, "The tickets are yours");
  expect(await shop.readOrders(event.id)).toMatchObject([{ id: orderIdOf(page), status: "paid" }]);
  expect(await shop.readPayments(event.id)).toMatchObject([{ status: "succeeded", amount_cents: 4500 }]);
  await close();
});

test.concurrent("a payment that comes too late for the tickets is sent back, and the page says so", async ({
  expect,
}) => {
  const event = await shop.createEvent("Late", { capacity: 1, hold_seconds: 8 });
  const { page, close } = await shop.visit("/");
  await prepareCheckout(page, event, { email: "late@example.org", card: "Is late" });
  await payButton(page).click();
  await awaitOrder(page, "We are checking your payment");
  await waitFor(
    "another buyer to get the ticket",
    async () => (await shop.askForHold(event.id, "rival")).status === 201,
    30_000,
  );
  await awaitOrder(page, "Your money has been sent back");
  await page.getByText("Your payment arrived after your hold had ended").waitFor();
  await page.getByText("All of it, $45.00, was sent back").waitFor();
  expect(await shop.readOrders(event.id)).toMatchObject([
    { id: orderIdOf(page), status: "refunded", payment_status: "refunded" },
  ]);
  expect(await shop.readPayments(event.id)).toMatchObject([{ amount_cents: 4500, refunded_cents: 4500 }]);
  expect(await shop.readEvent(event.id)).toMatchObject({ available: 0, held: 1, sold: 0 });
  const receipts = await waitFor("the message", async () => {
    const sent = await shop.readReceipts("late@example.org");
    return sent.length > 0 && sent;
  });
  expect(receipts).toHaveLength(1);
  await page.getByRole("navigation", { name: "Shop" }).getByRole("link", { name: "My tickets" }).click();
  await page.getByRole("listitem").filter({ hasText: "Late" }).getByText("Refunded").waitFor();
  await close();
});

test.concurrent("an order that the shop takes back is shown as refunded", async ({ expect }) => {
  const event = await shop.createEvent("Taken back");
  const { page, close } = await shop.visit("/");
  await prepareCheckout(page, event, { email: "ada@example.org" });
  await payButton(page).click();
  await awaitOrder(page, "The tickets are yours");
  const refunded = await shop.post(`/v1/orders/${orderIdOf(page)}/refund`);
  expect(refunded.status).toBe(200);
  await page.reload();
  await awaitOrder(page, "Your money has been sent back");
  await page.getByText("The shop has taken this order back. The tickets are not yours any more.").waitFor();
  expect(await shop.readPayments(event.id)).toMatchObject([{ amount_cents: 4500, refunded_cents: 4500 }]);
  expect(await shop.readEvent(event.id)).toMatchObject({ available: 10, sold: 0 });
  await close();
});

test.concurrent("tickets that cost nothing are had without a card", async ({ expect }) => {
  const event = await shop.createEvent("Free", { price_cents: 0 });
  const { page, close } = await shop.visit(`/events/${event.id}`);
  await page.getByRole("button", { name: "Reserve 1 ticket" }).click();
  await page.getByRole("link", { name: "Check out" }).click();
  await page.getByRole("textbox", { name: "E-mail address" }).fill("ada@example.org");
  expect(await page.getByRole("radio").count()).toBe(0);
  await page.getByRole("button", { name: "Get the tickets" }).click();
  await awaitOrder(page, "The tickets are yours");
  await page.getByText("There was nothing to pay.").waitFor();
  expect(await shop.readOrders(event.id)).toMatchObject([{ status: "paid", payment_status: "none" }]);
  expect(await shop.readPayments(event.id)).toEqual([]);
  await close();
});
