import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import {
  cartButton,
  cartDrawer,
  closeCart,
  goToEvent,
  heldList,
  reserve,
  reservePanel,
} from "./act-as-buyer.ts";
import { openShop, type Shop } from "./open-shop.ts";

vi.setConfig({ testTimeout: 60_000 });

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

test("two tabs have one cart, and each shows at once what the other has changed", async () => {
  const [jazz, choir] = await Promise.all([shop.createEvent("Jazz"), shop.createEvent("Choir")]);
  const { page: first, openTab, close } = await shop.visit(`/events/${jazz.id}`);
  const second = await openTab("/");
  await cartButton(second, 0).waitFor();
  await reserve(first, "Jazz");
  await cartButton(second, 1).waitFor();
  await goToEvent(second, choir);
  await reserve(second, "Choir");
  // The first tab has its cart open.
  await heldList(first).getByRole("link", { name: "Choir" }).waitFor();
  const [[one], [other]] = await Promise.all([
    shop.readReservations(jazz.id),
    shop.readReservations(choir.id),
  ]);
  expect(one?.cart_id).not.toBeNull();
  expect(other).toMatchObject({ status: "held", cart_id: one?.cart_id, expires_at: one?.expires_at });

  await cartDrawer(first).getByRole("button", { name: "Remove Jazz" }).click();
  await cartDrawer(first).getByText("Jazz was removed from your cart.").waitFor();
  await heldList(second).getByRole("link", { name: "Jazz" }).waitFor({ state: "detached" });
  await heldList(second).getByRole("link", { name: "Choir" }).waitFor();
  expect(await shop.readEvent(jazz.id)).toMatchObject({ available: 10, held: 0 });
  await closeCart(second);
  await cartButton(second, 1).waitFor();

  await goToEvent(first, jazz);
  await reservePanel(first).getByText("10 left").waitFor();
  await cartButton(first, 1).waitFor();
  await close();
});

test("two first clicks at once in two tabs make one guest with one cart", async () => {
  const [jazz, choir] = await Promise.all([shop.createEvent("First jazz"), shop.createEvent("First choir")]);
  const { page: first, openTab, close } = await shop.visit(`/events/${jazz.id}`);
  const second = await openTab(`/events/${choir.id}`);
  await reservePanel(first).getByText("10 left").waitFor();
  await reservePanel(second).getByText("10 left").waitFor();
  await Promise.all([reserve(first, "First jazz"), reserve(second, "First choir")]);
  for (const tab of [first, second])
    for (const name of ["First jazz", "First choir"])
      await heldList(tab).getByRole("link", { name }).waitFor();
  const [[one], [other]] = await Promise.all([
    shop.readReservations(jazz.id),
    shop.readReservations(choir.id),
  ]);
  expect(one?.user_id).toMatch(/./);
  expect(other).toMatchObject({ user_id: one?.user_id, cart_id: one?.cart_id, expires_at: one?.expires_at });
  await close();
});

test("a number of tickets that is changed in the cart is changed at the shop, and there is no second hold", async () => {
  const event = await shop.createEvent("Changed", { capacity: 3, max_quantity: 4 });
  const { page, close } = await shop.visit(`/events/${event.id}`);
  await reserve(page, "Changed", 2);
  await shop.askForHold(event.id, "rival");
  const tickets = cartDrawer(page).getByRole("group", { name: "Tickets for Changed" });
  await tickets.getByRole("button", { name: "One ticket more" }).click();
  await cartDrawer(page).getByRole("alert").filter({ hasText: "left" }).waitFor();
  await heldList(page).getByText("2 tickets, $45.00 each").waitFor();
  expect(await shop.readEvent(event.id)).toMatchObject({ available: 0, held: 3 });
  await tickets.getByRole("button", { name: "One ticket fewer" }).click();
  await heldList(page).getByText("1 ticket, $45.00 each").waitFor();
  await waitFor("the ticket to be free", async () => (await shop.readEvent(event.id)).available === 1);
  const held = (await shop.readReservations(event.id)).filter(({ status }) => status === "held");
  expect(held).toMatchObject([{ quantity: 1 }, { quantity: 1 }]);
  await close();
});
