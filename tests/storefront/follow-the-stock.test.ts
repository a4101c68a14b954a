import { afterAll, beforeAll, test, vi } from "vitest";
import { heldList, reserve, reservePanel } from "./act-as-buyer.ts";
import { openShop, type Shop } from "./open-shop.ts";
import { timeOnPage } from "./time-on-page.ts";

vi.setConfig({ testTimeout: 60_000 });

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

test.concurrent("an event that sells out while it is looked at says so, with the time when tickets may come back", async ({
  expect,
}) => {
  const event = await shop.createEvent("Selling out", { capacity: 2, max_quantity: 2 });
  const { page, openTab, close } = await shop.visit(`/events/${event.id}`);
  const catalogue = await openTab("/?search=selling");
  const card = catalogue.getByRole("listitem").filter({ hasText: "Selling out" });
  const panel = reservePanel(page);
  await panel.getByText("2 left", { exact: true }).waitFor();
  const first = await shop.askForHold(event.id, "ada");
  await panel.getByText("Only 1 left").waitFor();
  await card.getByText("Only 1 left").waitFor();
  expect(await panel.getByRole("button", { name: "Reserve 1 ticket" }).isEnabled()).toBe(true);
  const second = await shop.askForHold(event.id, "grace");
  const back = timeOnPage("All held, tickets may come back at", String(first.body["expires_at"]));
  await panel.getByText(back).waitFor();
  await card.getByText(back).waitFor();
  expect(await panel.getByRole("button", { name: "Reserve 1 ticket" }).isDisabled()).toBe(true);

  for (const held of [first, second]) await shop.post(`/v1/reservations/${String(held.body["id"])}/cancel`);
  await panel.getByText("2 left", { exact: true }).waitFor();
  for (const user of ["ada", "grace"]) {
    const held = await shop.askForHold(event.id, user);
    await shop.post(`/v1/reservations/${String(held.body["id"])}/confirm`);
  }
  await panel.getByText("Sold out").waitFor();
  await card.getByText("Sold out").waitFor();
  expect(await shop.readEvent(event.id)).toMatchObject({ status: "sold_out", sold: 2 });
  await close();
});

test.concurrent("a click that comes too late for the last ticket holds nothing and says why", async ({
  expect,
}) => {
  const event = await shop.createEvent("Too late", { capacity: 2, max_quantity: 2 });
  const { page, close } = await shop.visit(`/events/${event.id}`, {
    // This page hears nothing of what others do.
    prepare: (each) => each.route("**/stream*", (route) => route.abort()),
  });
  const panel = reservePanel(page);
  await panel.getByText("2 left").waitFor();
  await shop.askForHold(event.id, "ada");
  await panel.getByRole("button", { name: "One ticket more" }).click();
  await panel.getByRole("button", { name: "Reserve 2 tickets" }).click();
  const refusal = panel.getByRole("alert");
  await refusal.filter({ hasText: "Nothing was reserved" }).waitFor();
  await refusal.getByText("Only 1 ticket is left. Choose fewer.").waitFor();
  expect(await shop.readReservations(event.id)).toMatchObject([{ user_id: "ada" }]);
  await panel.getByRole("button", { name: "One ticket fewer" }).click();
  await reserve(page, event.name);
  expect(await shop.readEvent(event.id)).toMatchObject({ available: 0, held: 2 });
  await close();
});

test.concurrent("a paused sale is paused on the page, and whoever clicks nevertheless is told the reason", async ({
  expect,
}) => {
  const event = await shop.createEvent("Paused");
  const { page, openTab, close } = await shop.visit(`/events/${event.id}`);
  const deaf = await openTab("/");
  await deaf.route("**/stream*", (route) => route.abort());
  await deaf.goto(page.url());
  await reservePanel(deaf).getByText("10 left").waitFor();
  await shop.post(`/v1/events/${event.id}/pause`, { reason: "The hall is being checked." });
  const panel = reservePanel(page);
  await panel.getByText("Sales are paused").waitFor();
  expect(await panel.getByRole("button", { name: "Reserve 1 ticket" }).isDisabled()).toBe(true);
  await reservePanel(deaf).getByRole("button", { name: "Reserve 1 ticket" }).click();
  await deaf.getByRole("alert").filter({ hasText: "The hall is being checked." }).waitFor();
  expect(await shop.readReservations(event.id)).toEqual([]);

  await shop.post(`/v1/events/${event.id}/resume`);
  await panel.getByText("10 left").waitFor();
  await reserve(page, event.name);
  expect(await shop.readEvent(event.id)).toMatchObject({ held: 1, status: "on_sale" });
  await close();
});

test.concurrent("a sale that has not started counts down to its start and then sells", async ({ expect }) => {
  const opens = new Date(Date.now() + 8_000).toISOString();
  const event = await shop.createEvent("Opens soon", { sales_start_at: opens });
  const { page, close } = await shop.visit(`/events/${event.id}`);
  const panel = reservePanel(page);
  await panel.getByText(/^Sales start in \d+ seconds?$/).waitFor();
  const button = panel.getByRole("button", { name: "Reserve 1 ticket" });
  expect(await button.isDisabled()).toBe(true);
  expect(await shop.askForHold(event.id, "early")).toMatchObject({
    status: 409,
    body: { code: "sales_not_started" },
  });
  await panel.getByText("10 left").waitFor();
  // Enabled at the very second of the start, as far as the page can tell.
  await button.click();
  await heldList(page).getByRole("link", { name: event.name }).waitFor();
  const [hold] = await shop.readReservations(event.id);
  expect(hold).toMatchObject({ status: "held" });
  await close();
});
