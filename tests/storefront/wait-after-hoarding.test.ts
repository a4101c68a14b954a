import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { cartDrawer, heldList, reserve } from "./act-as-buyer.ts";
import { openShop, type Shop } from "./open-shop.ts";
import { timeOnPage } from "./time-on-page.ts";

vi.setConfig({ testTimeout: 90_000 });

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ HOARDING_HOLDS: "1" });
});
afterAll(() => shop?.close());

test("whoever lets tickets go too often is told when they may be reserved again, and keeps the list", async () => {
  const event = await shop.createEvent("Let go", { hold_seconds: 4 });
  const { page, close } = await shop.visit(`/events/${event.id}`);
  await reserve(page, "Let go");
  await cartDrawer(page).getByText("Your hold ended at").waitFor();
  const [lapsed] = await shop.readReservations(event.id);
  const allowedAtMs = (lapsed?.expires_at.getTime() ?? 0) + 3_600_000;
  await cartDrawer(page).getByRole("button", { name: "Try to reserve again" }).click();
  await page
    .getByText(timeOnPage(".* You can reserve again at", new Date(allowedAtMs), "\\."))
    .first()
    .waitFor();
  const list = cartDrawer(page).getByRole("list", { name: "Not held any more" });
  expect(await list.getByRole("link", { name: "Let go" }).count()).toBe(1);
  expect(await heldList(page).count()).toBe(0);
  expect(await shop.readReservations(event.id)).toHaveLength(1);
  await close();
});
