import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { awaitOrder, cartButton, cartDrawer, emailField, orderIdOf } from "./act-as-buyer.ts";
import { openShop, type Shop } from "./open-shop.ts";

vi.setConfig({ testTimeout: 60_000 });

const stepsMax = 60;
let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

/** What has the focus: its name, and whether one can see that it has it. */
function readFocus(page: Page): Promise<{ readonly name: string; readonly isSeen: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return { name: "", isSeen: true };
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
    const name = element.getAttribute("aria-label") ?? label ?? element.textContent;
    // A box around a control may show the focus of what is in it, as that of a card which is one link does.
    const shown = [element, element.parentElement, element.closest("label, li")];
    const pseudo = [null, "::after", "::before"];
    const isSeen = shown.some(
      (each) =>
        each !== null &&
        pseudo.some((part) => {
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each, part);
          return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
        }),
    );
    return { name: (name ?? "").trim().replaceAll(/\s+/g, " "), isSeen };
  });
}

/** Presses Tab until something has the focus, and expects that each step on the way can be seen. */
async function tabTo(page: Page, wanted: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < stepsMax; step += 1) {
    await page.keyboard.press("Tab");
    const { name, isSeen } = await readFocus(page);
    expect(isSeen, `The focus on "${name}" cannot be seen.`).toBe(true);
    if (wanted.test(name)) return;
    passed.push(name);
  }
  throw new Error(`Tab does not lead to ${String(wanted)}: ${passed.join(", ")}`);
}

async function expectFocus(page: Page, name: string | RegExp): Promise<void> {
  await expect.poll(async () => (await readFocus(page)).name, { timeout: 15_000 }).toMatch(name);
}

test("a whole purchase needs no mouse, and the focus is where one goes on", async () => {
  const event = await shop.createEvent("Keys only", { max_quantity: 3 });
  const { page, close } = await shop.visit("/");
  await page.getByRole("link", { name: "Keys only" }).waitFor();
  await page.keyboard.press("Tab");
  expect(await readFocus(page)).toEqual({ name: "Skip to the content", isSeen: true });
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("content");
  await tabTo(page, /^Search events by name$/);
  await page.keyboard.type("keys");
  await page.getByRole("status").filter({ hasText: '1 event for "keys"' }).waitFor();
  await tabTo(page, /^Keys only$/);
  await page.keyboard.press("Enter");
  await expectFocus(page, /^Keys only$/);
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");

  await tabTo(page, /^One ticket more$/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^Reserve 2 tickets$/);
  await page.keyboard.press("Enter");
  await cartDrawer(page).waitFor();
  await expectFocus(page, /^Your cart$/);
  await page.keyboard.press("Escape");
  await cartDrawer(page).waitFor({ state: "detached" });
  await expectFocus(page, /^Open the cart$/);
  expect(await shop.readReservations(event.id)).toMatchObject([{ status: "held", quantity: 2 }]);

  await page.keyboard.press("Enter");
  await cartDrawer(page).waitFor();
  await expectFocus(page, /^Your cart$/);
  await tabTo(page, /^Check out$/);
  await page.keyboard.press("Enter");
  await expectFocus(page, /^Checkout$/);

  await tabTo(page, /^E-mail address$/);
  await page.keyboard.type("ada");
  await page.keyboard.press("Enter");
  // The summary of what is wrong gets the focus, and leads to the field.
  await expectFocus(page, /^Please check what you typed/);
  expect(await shop.readOrders(event.id)).toEqual([]);
  await tabTo(page, /^Enter the whole e-mail address/);
  await page.keyboard.press("Enter");
  await expectFocus(page, /^E-mail address$/);
  expect(await emailField(page).getAttribute("aria-invalid")).toBe("true");
  await page.keyboard.press("End");
  await page.keyboard.type("@example.org");
  await tabTo(page, /^Pays ending 0001/);
  await page.keyboard.press("ArrowDown");
  await expectFocus(page, /^Is declined/);
  await page.keyboard.press("ArrowUp");
  await tabTo(page, /^Pay \$90\.00$/);
  await page.keyboard.press("Enter");
  await awaitOrder(page, "The tickets are yours");
  await expectFocus(page, /^The tickets are yours$/);
  expect(await shop.readOrders(event.id)).toMatchObject([
    { id: orderIdOf(page), status: "paid", total_cents: 9000, email: "ada@example.org" },
  ]);
  await close();
});

test("the drawer keeps the focus inside, and what is removed in it hands the focus on", async () => {
  const event = await shop.createEvent("Kept inside");
  const { page, close } = await shop.visit(`/events/${event.id}`);
  await page.getByRole("button", { name: "Reserve 1 ticket" }).click();
  await cartDrawer(page).waitFor();
  await page.keyboard.press("Escape");
  await cartButton(page, 1).focus();
  await page.keyboard.press("Enter");
  await expectFocus(page, /^Your cart$/);
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press("Tab");
    // At its end the browser's own buttons come, which count as the body here.
    const isOutside = await page.evaluate(
      () => document.activeElement?.closest("header, main, footer") !== null,
    );
    expect(isOutside).toBe(false);
  }
  await page.keyboard.press("Escape");
  await cartDrawer(page).waitFor({ state: "detached" });
  await expectFocus(page, /^Cart, 1 ticket held/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^Remove Kept inside$/);
  await page.keyboard.press("Enter");
  await cartDrawer(page).getByText("Kept inside was removed from your cart.").waitFor();
  await expectFocus(page, /^Your cart$/);
  expect(await shop.readEvent(event.id)).toMatchObject({ available: 10, held: 0 });
  await close();
});
