import type { Page } from "playwright-core";
import { afterAll, beforeAll, test, vi } from "vitest";
import { makeCartOverdue } from "../support/move-deadline.ts";
import { waitFor } from "../support/wait-for.ts";
import { cartButton, cartDrawer, checkOut, closeCart, reserve } from "./act-as-buyer.ts";
import { openShop, type Shop } from "./open-shop.ts";
import { timeOnPage } from "./time-on-page.ts";

vi.setConfig({ testTimeout: 90_000 });

const minuteMs = 60_000;
let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

/** The clock that stays in sight; it is hidden from screen readers, which are told at milestones only. */
const clockInHeader = (page: Page) => cartButton(page, 1).locator(".countdown");

/** How many seconds a countdown shows. */
function secondsOf(text: string | null): number {
  return (text ?? "").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

test.concurrent.for([-10, 10])(
  "the countdown is the server's on a device whose clock is %i minutes wrong",
  async (minutes, { expect }) => {
    const event = await shop.createEvent(`Wrong by ${minutes}`, { hold_seconds: 300 });
    const { page, close } = await shop.visit(`/events/${event.id}`, {
      prepare: (each) => each.clock.install({ time: Date.now() + minutes * minuteMs }),
    });
    const isWrong = await page.evaluate(() => Date.now());
    expect(Math.abs(isWrong - Date.now())).toBeGreaterThan(5 * minuteMs);
    await reserve(page, event.name);
    const readLeft = async () => {
      const [row] = await shop.database.query<{ left: number }>(
        "select extract(epoch from expires_at - clock_timestamp())::float as left from reservations where event_id = $1",
        [event.id],
      );
      return row?.left ?? 0;
    };
    const countdown = cartDrawer(page).getByRole("timer").first();
    // What it shows lies between what is left before and after the look; it is cut to seconds, and so is the header.
    const most = await readLeft();
    const shown = secondsOf(await countdown.textContent());
    const least = await readLeft();
    expect(shown).toBeLessThanOrEqual(most + 2);
    expect(shown).toBeGreaterThanOrEqual(least - 2);
    const [hold] = await shop.readReservations(event.id);
    await cartDrawer(page)
      .getByText(timeOnPage("Held for you until", hold?.expires_at ?? ""))
      .waitFor();
    await close();
  },
);

/** What screen readers are told from now on, in order. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(globalThis, { told });
    const isLive = (node: Node | null): Element | null =>
      (node instanceof Element ? node : (node?.parentElement ?? null))?.closest(
        "[role=status], [role=alert], [role=log], [aria-live=polite], [aria-live=assertive], output",
      ) ?? null;
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const text = isLive(target)?.textContent ?? "";
        if (text !== "" && told.at(-1) !== text) told.push(text);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
}

test.concurrent("what is left is spoken at 5, 2 and 1 minutes and at the end, and at no other time", async ({
  expect,
}) => {
  const event = await shop.createEvent("Spoken", { hold_seconds: 330, max_extensions: 0 });
  const { page, close } = await shop.visit(`/events/${event.id}`, {
    prepare: (each) => each.clock.install({ time: Date.now() }),
  });
  await reserve(page, event.name);
  await checkOut(page);
  await page.getByRole("timer").first().waitFor();
  const spoken = await listen(page);
  const timer = clockInHeader(page);
  const left = async () => secondsOf(await timer.textContent());
  /** Lets the page's time pass second by second until so much is left. */
  const passUntil = async (seconds: number) => {
    await page.clock.runFor(Math.max(0, (await left()) - seconds) * 1000);
    await waitFor("the countdown", async () => (await left()) <= seconds + 1);
  };
  await passUntil(305);
  expect(await spoken()).toEqual([]);
  await passUntil(298);
  await waitFor("5 minutes", async () => (await spoken()).length === 1);
  await passUntil(125);
  expect(await spoken()).toEqual(["5 minutes left to check out."]);
  await passUntil(118);
  await passUntil(65);
  expect((await spoken()).slice(1)).toEqual(["2 minutes left to check out."]);
  await passUntil(10);
  expect((await spoken()).slice(2)).toEqual(["1 minute left to check out."]);
  // The page's time has run ahead of the service's, which is brought to agree that the hold is over.
  const [hold] = await shop.readReservations(event.id);
  await makeCartOverdue(shop.database, hold?.cart_id ?? "");
  await page.clock.runFor(12_000);
  await page.getByText("Your hold ended at").waitFor();
  await waitFor("the end", async () => (await spoken()).length >= 4);
  expect((await spoken()).slice(3)).toEqual([
    "Your hold has ended. Your cart keeps its list, and you can try to reserve again.",
  ]);
  await close();
});

test.concurrent("the countdown is in sight on every page, and on the open cart", async ({ expect }) => {
  const event = await shop.createEvent("In sight");
  const { page, close } = await shop.visit(`/events/${event.id}`);
  await reserve(page, event.name);
  await cartDrawer(page).getByRole("timer").first().waitFor();
  await closeCart(page);
  for (const path of ["/", "/tickets", "/checkout", `/events/${event.id}`]) {
    await page.goto(shop.url + path);
    await clockInHeader(page).waitFor();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const box = await clockInHeader(page).boundingBox();
    expect(box?.y, path).toBeGreaterThanOrEqual(0);
  }
  await close();
});
