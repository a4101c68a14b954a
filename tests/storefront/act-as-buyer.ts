import type { Locator, Page } from "playwright-core";
import type { EventReply } from "../../api/contract/events.ts";

export const checkingPayment = "We are checking your payment. Do not pay again.";

/** The part of an event's page where one reserves. */
export const reservePanel = (page: Page): Locator => page.getByRole("region", { name: "Reserve" });

/** The open cart. */
export const cartDrawer = (page: Page): Locator => page.getByRole("dialog", { name: "Your cart" });

/** What the open cart holds. */
export const heldList = (page: Page): Locator => page.getByRole("list", { name: "Held for you" });

/** The button in the header, by how many tickets it says are held. */
export function cartButton(page: Page, tickets: number): Locator {
  const count = tickets === 0 ? "nothing held" : `${tickets} ticket${tickets === 1 ? "" : "s"} held`;
  return page.getByRole("button", { name: `Cart, ${count}`, exact: true });
}

/** Goes to an event as by a link, without loading the shop anew. */
export async function goToEvent(page: Page, event: Pick<EventReply, "id" | "name">): Promise<void> {
  await page.goto(new URL(`/events/${event.id}`, page.url()).href);
  await page.getByRole("heading", { level: 1, name: event.name }).waitFor();
}

/** Reserves on the page of an event that is open, and waits until the cart shows the tickets. */
export async function reserve(page: Page, name: string, quantity = 1): Promise<void> {
  const panel = reservePanel(page);
  for (let count = 1; count < quantity; count += 1)
    await panel.getByRole("button", { name: "One ticket more" }).click();
  const tickets = quantity === 1 ? "1 ticket" : `${quantity} tickets`;
  await panel.getByRole("button", { name: `Reserve ${tickets}` }).click();
  await heldList(page).getByRole("link", { name }).waitFor();
}

export async function closeCart(page: Page): Promise<void> {
  await cartDrawer(page).getByRole("button", { name: "Close the cart" }).click();
  await cartDrawer(page).waitFor({ state: "detached" });
}

/** Goes from the open cart to the checkout. */
export async function checkOut(page: Page): Promise<void> {
  await cartDrawer(page).getByRole("link", { name: "Check out" }).click();
  await page.getByRole("heading", { level: 1, name: "Checkout" }).waitFor();
}

export const emailField = (page: Page): Locator => page.getByRole("textbox", { name: "E-mail address" });

/** Fills the form in. @param card the beginning of the test card's name */
export async function fillCheckout(page: Page, email: string, card = "Pays"): Promise<void> {
  await emailField(page).fill(email);
  await page.getByRole("radio", { name: new RegExp(`^${card}`) }).check();
}

export const payButton = (page: Page): Locator => page.getByRole("button", { name: /^Pay / });

/** Opens a visit's event, reserves and stands at the filled form. */
export async function prepareCheckout(
  page: Page,
  event: Pick<EventReply, "id" | "name">,
  buyer: { readonly email: string; readonly card?: string; readonly quantity?: number },
): Promise<void> {
  await goToEvent(page, event);
  await reserve(page, event.name, buyer.quantity ?? 1);
  await checkOut(page);
  await fillCheckout(page, buyer.email, buyer.card);
}

/**
 * Presses buttons in several tabs at once. They are held on to, since a tab takes its button away as soon as it hears of
 * the other tab's.
 */
export async function pressAtOnce(buttons: readonly Locator[]): Promise<void> {
  const held = await Promise.all(buttons.map((button) => button.elementHandle()));
  await Promise.all(held.map((button) => button?.evaluate((each: HTMLElement) => each.click())));
}

/** Waits for the heading of an order's page. */
export const awaitOrder = (page: Page, title: string): Promise<void> =>
  page.getByRole("heading", { level: 1, name: title }).waitFor();

/** The id of the order whose page is open. */
export function orderIdOf(page: Page): string {
  const id = /\/orders\/([\w-]+)$/.exec(page.url())?.[1];
  if (id === undefined) throw new Error(`${page.url()} is not the address of an order.`);
  return id;
}
