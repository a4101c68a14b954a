import { afterAll, beforeAll, test, vi } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import {
  awaitOrder,
  cartButton,
  cartDrawer,
  checkOut,
  closeCart,
  emailField,
  goToEvent,
  heldList,
  payButton,
  pressAtOnce,
  reserve,
  reservePanel,
} from "./act-as-buyer.ts";
import { openShop, type Shop } from "./open-shop.ts";
import { timeOnPage } from "./time-on-page.ts";

vi.setConfig({ testTimeout: 90_000 });

/** Long enough to come to the checkout on a busy machine. */
const hold_seconds = 12;
let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

/** Gets a ticket for somebody else as soon as one is free. */
const grab = (eventId: string) =>
  waitFor(
    "a ticket for another buyer",
    async () => (await shop.askForHold(eventId, "rival")).status === 201,
    30_000,
  );

test.concurrent("a hold that ends while one types takes nothing away, and what is left is reserved again", async ({
  expect,
}) => {
  const gone = await shop.createEvent("Last ticket", { capacity: 1, hold_seconds });
  const left = await shop.createEvent("Some left", { max_quantity: 4, hold_seconds });
  const { page, close } = await shop.visit(`/events/${gone.id}`);
  await reserve(page, "Last ticket");
  await closeCart(page);
  await goToEvent(page, left);
  await reserve(page, "Some left", 2);
  const [first] = await shop.readReservations(left.id);
  await checkOut(page);
  await emailField(page).pressSequentially("ada@exam");
  const ended = page.getByText(timeOnPage("Your hold ended at", first?.expires_at ?? "", "\\."));
  await ended.waitFor();
  expect(Date.now()).toBeGreaterThan(first?.expires_at.getTime() ?? Infinity);
  await page.getByText("You have not been charged.").waitFor();
  expect(new URL(page.url()).pathname).toBe("/checkout");
  await page.keyboard.type("ple.org");
  expect(await emailField(page).inputValue()).toBe("ada@example.org");
  expect(await payButton(page).count()).toBe(0);
  await cartButton(page, 0).waitFor();
  await grab(gone.id);
  expect(await shop.readEvent(left.id)).toMatchObject({ available: 10, held: 0 });

  await page.getByRole("button", { name: "Try to reserve again" }).click();
  await page.getByText("Some left: 2 tickets held again.").waitFor();
  await page.getByText("Last ticket: All tickets are held by others at the moment.").waitFor();
  expect(await shop.readEvent(left.id)).toMatchObject({ available: 8, held: 2 });
  await page.getByText("1 ticket, not held any more").waitFor();
  await payButton(page).filter({ hasText: "Pay $90.00" }).click();
  await awaitOrder(page, "The tickets are yours");
  expect(await shop.readOrders(left.id)).toMatchObject([{ status: "paid", total_cents: 9000 }]);
  expect(await shop.readOrders(gone.id)).toEqual([]);
  expect(await shop.readPayments(left.id)).toMatchObject([{ amount_cents: 9000 }]);
  await close();
});

test.concurrent("an ended cart keeps its list over a reload, and is reserved again from the drawer", async ({
  expect,
}) => {
  const event = await shop.createEvent("Ended cart", { hold_seconds: 4 });
  const { page, close } = await shop.visit(`/events/${event.id}`);
  await reserve(page, "Ended cart");
  await cartDrawer(page).getByText("Your hold ended at").waitFor();
  expect(await cartDrawer(page).getByRole("link", { name: "Check out" }).count()).toBe(0);
  await page.reload();
  await cartButton(page, 0).click();
  const list = cartDrawer(page).getByRole("list", { name: "Not held any more" });
  await list.getByRole("link", { name: "Ended cart" }).waitFor();
  await cartDrawer(page).getByText("You have not been charged.").waitFor();
  await waitFor("the stock to be back", async () => (await shop.readEvent(event.id)).available === 10);
  await cartDrawer(page).getByRole("button", { name: "Try to reserve again" }).click();
  await heldList(page).getByRole("link", { name: "Ended cart" }).waitFor();
  const held = (await shop.readReservations(event.id)).filter(({ status }) => status === "held");
  expect(held).toMatchObject([{ quantity: 1 }]);
  await close();
});

test.concurrent("in the last two minutes one click keeps the tickets for one more period", async ({
  expect,
}) => {
  const event = await shop.createEvent("Extended", { hold_seconds: 100, max_extensions: 1 });
  const { page, openTab, close } = await shop.visit(`/events/${event.id}`);
  await reserve(page, "Extended");
  const [before] = await shop.readReservations(event.id);
  await closeCart(page);
  const other = await openTab(`/events/${event.id}`);
  const offers = [page, other].map((tab) =>
    tab.getByRole("region", { name: "More time" }).getByRole("button", { name: "Keep my tickets longer" }),
  );
  // Also two clicks, each in a tab of its own, are one extension.
  await pressAtOnce(offers);
  await page.getByText("Your tickets are now held until").waitFor();
  for (const offer of offers) await offer.waitFor({ state: "detached" });
  const [after] = await shop.readReservations(event.id);
  expect((after?.expires_at.getTime() ?? 0) - (before?.expires_at.getTime() ?? 0)).toBe(100_000);
  await cartButton(page, 1).click();
  await cartDrawer(page)
    .getByText(timeOnPage("Held for you until", after?.expires_at ?? ""))
    .waitFor();
  await reservePanel(other).getByText("1 ticket in your cart").waitFor();
  await close();
});
