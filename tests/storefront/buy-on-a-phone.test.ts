import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import {
  awaitOrder,
  cartButton,
  cartDrawer,
  checkOut,
  closeCart,
  fillCheckout,
  heldList,
  orderIdOf,
  payButton,
  reserve,
  reservePanel,
} from "./act-as-buyer.ts";
import { openShop, type Shop } from "./open-shop.ts";
import { timeOnPage } from "./time-on-page.ts";

vi.setConfig({ testTimeout: 60_000 });

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

const phone = { viewport: { width: 375, height: 812 }, hasTouch: true, isMobile: true };

test("two events are bought on a phone under one clock while others drain the stock", async () => {
  const jazz = await shop.createEvent("Harbour Jazz", { capacity: 5, price_cents: 2500, max_quantity: 4 });
  const choir = await shop.createEvent("Night Choir", { capacity: 4, price_cents: 4000, max_quantity: 3 });
  const rival = await shop.visit(`/events/${choir.id}`);
  const { page, close } = await shop.visit("/", phone);

  await page.getByRole("searchbox", { name: "Search events by name" }).fill("harbour");
  await page.getByRole("status").filter({ hasText: '1 event for "harbour"' }).waitFor();
  const card = page.getByRole("listitem").filter({ hasText: "Harbour Jazz" });
  await card.getByText("5 left").waitFor();
  expect((await shop.askForHold(jazz.id, "rival", 2)).status).toBe(201);
  await card.getByText("3 left").waitFor();
  await card.getByRole("link", { name: "Harbour Jazz" }).tap();
  await reservePanel(page).getByText("3 left").waitFor();
  await reserve(page, "Harbour Jazz", 2);
  const deadline = cartDrawer(page).getByText(/^Held for you until [^.]+$/);
  const heldUntil = await deadline.textContent();
  const [, ours] = await shop.readReservations(jazz.id);
  expect(ours).toMatchObject({ status: "held", quantity: 2 });
  expect(heldUntil).toMatch(timeOnPage("Held for you until", ours?.expires_at ?? ""));
  await closeCart(page);

  await reserve(rival.page, "Night Choir", 3);
  await page.getByRole("link", { name: "Holdfast", exact: true }).tap();
  const second = page.getByRole("listitem").filter({ hasText: "Night Choir" });
  await second.getByText("Only 1 left").waitFor();
  await second.getByRole("link", { name: "Night Choir" }).tap();
  await reservePanel(page).getByText("Only 1 left").waitFor();
  await reserve(page, "Night Choir");
  expect(await deadline.textContent()).toBe(heldUntil);
  await closeCart(page);
  expect((await shop.askForHold(jazz.id, "another rival")).status).toBe(201);
  await reservePanel(page).getByText("All held, tickets may come back at").waitFor();
  await cartButton(page, 3).tap();
  await heldList(page).getByText("2 tickets, $25.00 each").waitFor();
  await heldList(page).getByText("1 ticket, $40.00 each").waitFor();
  const [theirs, mine] = await shop.readReservations(choir.id);
  expect(theirs).toMatchObject({ status: "held", quantity: 3 });
  expect(mine).toMatchObject({ status: "held", quantity: 1, cart_id: ours?.cart_id });
  expect(mine?.expires_at).toEqual(ours?.expires_at);
  expect(await shop.readEvent(jazz.id)).toMatchObject({ available: 0, held: 5, sold: 0 });

  await checkOut(page);
  await fillCheckout(page, "ada@example.org");
  await payButton(page).filter({ hasText: "Pay $90.00" }).tap();
  await awaitOrder(page, "The tickets are yours");
  await page.getByText("$90.00 paid. The receipt goes to ada@example.org.").waitFor();
  const receipt = page.getByRole("region", { name: "Receipt" });
  for (const name of ["Harbour Jazz", "Night Choir"]) await receipt.getByRole("heading", { name }).waitFor();
  expect(await shop.readOrders(jazz.id)).toEqual([
    {
      id: orderIdOf(page),
      status: "paid",
      payment_status: "succeeded",
      total_cents: 9000,
      email: "ada@example.org",
    },
  ]);
  expect(await shop.readPayments(jazz.id)).toEqual([
    { order_id: orderIdOf(page), status: "succeeded", amount_cents: 9000, refunded_cents: 0 },
  ]);
  expect(await shop.readEvent(jazz.id)).toMatchObject({ available: 0, held: 3, sold: 2 });
  expect(await shop.readEvent(choir.id)).toMatchObject({ available: 0, held: 3, sold: 1 });
  await cartButton(page, 0).waitFor();

  await page.getByRole("navigation", { name: "Shop" }).getByRole("link", { name: "My tickets" }).tap();
  const row = page.getByRole("listitem").filter({ hasText: "3 tickets, $90.00" });
  await row.getByRole("link", { name: "Harbour Jazz and 1 more" }).waitFor();
  await row.getByText("Paid").waitFor();
  const receipts = await waitFor("the receipt", async () => {
    const sent = await shop.readReceipts("ada@example.org");
    return sent.length > 0 && sent;
  });
  expect(receipts).toHaveLength(1);
  for (const part of ["Harbour Jazz", "Night Choir", "90.00"]) expect(receipts[0]?.text).toContain(part);
  await rival.close();
  await close();
});
