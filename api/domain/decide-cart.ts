import { type Cart, cartItemsMax } from "./cart.ts";
import type {
  CartRefusal,
  ExtendCartCommand,
  PutCartItemCommand,
  RemoveCartItemCommand,
  Requester,
  StockOutcome,
} from "./commands.ts";
import type { Event } from "./event.ts";
import { findEvents } from "./find-events.ts";
import { phoneFor, refuseDuplicate, refuseUnverified } from "./refuse-duplicate.ts";
import { refuseByTerms } from "./refuse-hold.ts";
import { refuseHoarding } from "./refuse-hoarding.ts";
import { refuseShortage } from "./refuse-shortage.ts";
import { isOverdue, type MakeReservationId, newHold, type Reservation } from "./reservation.ts";
import type { StockBooks } from "./stock-books.ts";
import { countExtensionsLeft, heldItems, viewInBooks } from "./view-cart.ts";

/** Decides whether an event's tickets come into a cart. An item that has them already is replaced as a whole. */
export function decidePutCartItem(
  books: StockBooks,
  command: PutCartItemCommand,
  makeId: MakeReservationId,
): StockOutcome {
  const event = books.event(command.eventId);
  if (event === undefined) return { kind: "event_not_found" };
  const cart = books.sales.cartToFill(command.cartId, command.userId);
  if (cart === undefined || cart.userId !== command.userId || !mayUse(command.requester, cart)) {
    return { kind: "cart_not_found" };
  }
  const refusal = refuseWhileOrdered(books, cart);
  if (refusal !== null) return refusal;

  const ownHold = heldItems(books, cart).find(({ item }) => item.eventId === event.id)?.hold ?? null;
  if (ownHold?.quantity === command.quantity) return { kind: "cart_saved", view: viewInBooks(books, cart) };
  // What is replaced keeps its phone, whatever the event asks for by now.
  const verifiedPhone = ownHold?.verifiedPhone ?? phoneFor(books, event, cart.userId);
  const unfit =
    refuseByTerms(event, command, books.nowMs) ??
    refuseUnverified(event, verifiedPhone) ??
    refuseByCart(books, cart, event) ??
    refuseDuplicate(books, event.id, { userId: cart.userId, verifiedPhone }, ownHold) ??
    refuseShortage(books, event, command.quantity, ownHold?.quantity) ??
    // Another number of tickets under the same deadline is no new hold.
    (ownHold === null ? refuseHoarding(books, event.id, command) : null);
  if (unfit !== null) return unfit;

  const terms = termsOfNextHold(books, cart, event);
  if (ownHold !== null) books.release(ownHold, "cancelled", causeOf(command.requester));
  const id = makeId(event.number, books.nowMs);
  const { expiresAtMs } = terms;
  const asked = { id, quantity: command.quantity, expiresAtMs, verifiedPhone };
  return putItem(books, { ...cart, ...terms }, event, asked);
}

/** Takes an item off the list. What is not on it is gone already. */
export function decideRemoveCartItem(books: StockBooks, command: RemoveCartItemCommand): StockOutcome {
  const cart = findCart(books, command);
  if (cart === null) return { kind: "cart_not_found" };
  const refusal = refuseWhileOrdered(books, cart);
  if (refusal !== null) return refusal;
  const item = cart.items.find(({ eventId }) => eventId === command.eventId);
  if (item === undefined) return { kind: "cart_saved", view: viewInBooks(books, cart) };

  const hold = books.reservation(item.reservationId);
  if (hold?.status === "held") {
    if (isOverdue(hold, books.nowMs)) books.release(hold, "expired", "deadline_passed");
    else books.release(hold, "cancelled", causeOf(command.requester));
  }
  const items = cart.items.filter((each) => each !== item);
  const expiresAtMs = deadlineOfRest(books, { ...cart, items });
  const saved = books.sales.saveCart({ ...cart, items, expiresAtMs });
  return { kind: "cart_saved", view: viewInBooks(books, saved) };
}

/** Moves the deadline by the shortest hold period among the held items, since it is the deadline of each of them. */
export function decideExtendCart(books: StockBooks, command: ExtendCartCommand): StockOutcome {
  const cart = findCart(books, command);
  if (cart === null) return { kind: "cart_not_found" };
  const refusal = refuseWhileOrdered(books, cart);
  if (refusal !== null) return refusal;
  if (cart.expiresAtMs !== null && books.nowMs >= cart.expiresAtMs) {
    return { kind: "cart_expired", expiredAtMs: cart.expiresAtMs };
  }
  const held = heldItems(books, cart);
  if (held.length === 0 || cart.expiresAtMs === null) return { kind: "cart_empty" };
  const found = findEvents(
    books,
    command.eventIds,
    held.map(({ item }) => item),
  );
  if (found === null) return { kind: "cart_outdated" };
  const events = [...found.values()];
  const limits = events.map(({ maxExtensions }) => maxExtensions);
  if (countExtensionsLeft(cart, limits) === 0) return { kind: "cart_extension_limit" };

  const holdSeconds = Math.min(...events.map((event) => event.holdSeconds));
  const expiresAtMs = cart.expiresAtMs + holdSeconds * 1000;
  for (const { hold } of held) books.extend(hold, expiresAtMs);
  const saved = books.sales.saveCart({ ...cart, expiresAtMs, extensions: cart.extensions + 1 });
  return { kind: "cart_saved", view: viewInBooks(books, saved) };
}

/** The named cart; null when it is not there, or not this buyer's to see. */
export function findCart(
  books: StockBooks,
  { cartId, requester }: { readonly cartId: string; readonly requester: Requester },
): Cart | null {
  const cart = books.sales.cart(cartId);
  return cart !== undefined && mayUse(requester, cart) ? cart : null;
}

/** A cart cannot be changed from the moment it is being bought, unless nothing came of that. */
export function refuseWhileOrdered(books: StockBooks, cart: Cart): CartRefusal | null {
  const order = books.sales.lastOrderOf(cart);
  switch (order?.status) {
    case "paid":
    case "refunded":
      return { kind: "cart_ordered", orderId: order.id };
    case "pending":
      return { kind: "checkout_in_progress", orderId: order.id };
    case "declined":
    case "cancelled":
    case undefined:
      return null;
  }
}

function mayUse(requester: Requester, cart: Cart): boolean {
  return requester.role === "service" || requester.userId === cart.userId;
}

function causeOf(requester: Requester): "cancelled_by_buyer" | "cancelled_by_service" {
  return requester.role === "buyer" ? "cancelled_by_buyer" : "cancelled_by_service";
}

function refuseByCart(books: StockBooks, cart: Cart, event: Event): CartRefusal | null {
  // All held items are paid for at once. What has expired has no say, nor has the item that is replaced.
  const other = heldItems(books, cart).find(
    ({ item }) => item.eventId !== event.id && item.currency !== event.currency,
  );
  if (other !== undefined) return { kind: "currency_mismatch", currency: other.item.currency };
  const isListed = cart.items.some(({ eventId }) => eventId === event.id);
  return isListed || cart.items.length < cartItemsMax ? null : { kind: "cart_full", itemsMax: cartItemsMax };
}

/** The first hold sets the cart's deadline, and with it a new count of extensions; the others share it. */
function termsOfNextHold(
  books: StockBooks,
  cart: Cart,
  event: Event,
): { readonly expiresAtMs: number; readonly extensions: number } {
  const { expiresAtMs, extensions } = cart;
  if (expiresAtMs !== null && heldItems(books, cart).length > 0) return { expiresAtMs, extensions };
  return { expiresAtMs: books.nowMs + event.holdSeconds * 1000, extensions: 0 };
}

function putItem(
  books: StockBooks,
  cart: Cart,
  event: Event,
  asked: Pick<Reservation, "id" | "quantity" | "expiresAtMs" | "verifiedPhone">,
): StockOutcome {
  const { userId, id: cartId } = cart;
  const { id, quantity } = asked;
  books.hold(event, newHold({ ...asked, eventId: event.id, userId, createdAtMs: books.nowMs, cartId }));
  const { name, priceCents, currency } = event;
  const item = { eventId: event.id, reservationId: id, quantity, name, priceCents, currency };
  const isListed = cart.items.some(({ eventId }) => eventId === event.id);
  const items = isListed
    ? cart.items.map((each) => (each.eventId === event.id ? item : each))
    : [...cart.items, item];
  const saved = books.sales.saveCart({ ...cart, items });
  return { kind: "cart_saved", view: viewInBooks(books, saved) };
}

/** A cart without items has no deadline. When only expired ones are left, it ends with the last that was held. */
function deadlineOfRest(books: StockBooks, cart: Cart): number | null {
  if (cart.items.length === 0 || cart.expiresAtMs === null) return null;
  return heldItems(books, cart).length > 0 ? cart.expiresAtMs : Math.min(cart.expiresAtMs, books.nowMs);
}
