import type { Cart, CartItem } from "../../api/domain/cart.ts";
import type {
  BeginCheckoutCommand,
  PutCartItemCommand,
  SettleOrderCommand,
  StockCommand,
  StockOutcome,
} from "../../api/domain/commands.ts";
import { decideStock } from "../../api/domain/decide-stock.ts";
import type { Event } from "../../api/domain/event.ts";
import type { Order } from "../../api/domain/order.ts";
import type { Reservation } from "../../api/domain/reservation.ts";
import { StockBooks } from "../../api/domain/stock-books.ts";
import { nowMs, sampleEvent, sampleReservation } from "./samples.ts";

export const ada = { role: "buyer", userId: "ada" } as const;
export const shop = { role: "service" } as const;
export const orderId = "01900000-0000-7000-8000-000000000001";

/** Everything that one decision can rest on. */
export interface Scene {
  readonly events: readonly Event[];
  readonly reservations: readonly Reservation[];
  readonly carts: readonly Cart[];
  readonly fresh?: readonly string[];
  readonly orders: readonly Order[];
}

/** One ticket of "event" at 15.00. */
export function sampleItem(given: Partial<CartItem> = {}): CartItem {
  const place = { eventId: "event", reservationId: "reservation" };
  return { ...place, quantity: 1, name: "Concert", priceCents: 1500, currency: "USD", ...given };
}

/** A cart of ada's with one ticket that is held for another minute. */
export function sampleCart(given: Partial<Cart> = {}): Cart {
  return {
    id: "cart",
    userId: "ada",
    items: [sampleItem()],
    expiresAtMs: nowMs + 60_000,
    extensions: 0,
    orderId: null,
    createdAtMs: nowMs - 540_000,
    ...given,
  };
}

/** A pending order of the sample cart, whose tickets are kept for another minute. */
export function sampleOrder(given: Partial<Order> = {}): Order {
  return {
    id: orderId,
    cartId: "cart",
    userId: "ada",
    email: "ada@example.org",
    status: "pending",
    totalCents: 1500,
    currency: "USD",
    items: [sampleItem()],
    payment: {
      provider: "demo",
      status: "processing",
      token: "tok_ok",
      reference: null,
      declineReason: null,
    },
    holdUntilMs: nowMs + 60_000,
    keyDigest: null,
    createdAtMs: nowMs - 1000,
    settledAtMs: null,
    paidAtMs: null,
    refundedAtMs: null,
    receiptSentAtMs: null,
    ...given,
  };
}

/** The sample cart with its hold, on an event that has nine tickets left. */
export function sampleScene(given: Partial<Scene> = {}): Scene {
  return {
    events: [sampleEvent({ available: 9, held: 1, priceCents: 1500 })],
    reservations: [sampleReservation({ cartId: "cart" })],
    carts: [sampleCart()],
    orders: [],
    ...given,
  };
}

/** The sample cart while it is being paid. */
export function payingScene(given: Partial<Scene> = {}, order: Partial<Order> = {}): Scene {
  return sampleScene({ carts: [sampleCart({ orderId })], orders: [sampleOrder(order)], ...given });
}

export function putItem(given: Partial<PutCartItemCommand> = {}): PutCartItemCommand {
  const named = { eventId: "event", cartId: "cart", userId: "ada" };
  return { kind: "put_cart_item", ...named, quantity: 1, requester: ada, ...given };
}

export function beginCheckout(given: Partial<BeginCheckoutCommand> = {}): BeginCheckoutCommand {
  const named = { eventIds: ["event"], cartId: "cart", requester: ada, orderId };
  const payment = { email: "ada@example.org", provider: "demo", token: "tok_ok" } as const;
  return {
    kind: "begin_checkout",
    ...named,
    ...payment,
    isProviderAvailable: true,
    graceMs: 60_000,
    ...given,
  };
}

export function settleOrder(given: Partial<SettleOrderCommand> = {}): SettleOrderCommand {
  const named = { eventIds: ["event"], cartId: "cart", orderId };
  return { kind: "settle_order", ...named, result: { kind: "succeeded", reference: "paid" }, ...given };
}

/** @param earliest the holds of each event that end first; all of them unless told */
export function openScene(
  { events, reservations, carts, fresh, orders }: Scene,
  atMs = nowMs,
  earliest: ReadonlyMap<string, readonly Reservation[]> = earliestHolds(events, reservations),
): StockBooks {
  const maxExtensions = new Map(events.map((event) => [event.id, event.maxExtensions]));
  const sales = { carts, freshCartIds: new Set(fresh), orders, maxExtensions };
  return new StockBooks(events, reservations, earliest, atMs, { sales });
}

function earliestHolds(
  events: readonly Event[],
  reservations: readonly Reservation[],
): Map<string, Reservation[]> {
  const held = reservations
    .filter(({ status }) => status === "held")
    .sort((a, b) => a.expiresAtMs - b.expiresAtMs);
  return new Map(events.map(({ id }) => [id, held.filter(({ eventId }) => eventId === id)]));
}

/** Decides commands one after another on the same books, with ids "made-1", "made-2" and so on. */
export function decideScene(
  scene: Scene,
  commands: readonly StockCommand[],
  atMs = nowMs,
): { books: StockBooks; outcomes: StockOutcome[] } {
  const books = openScene(scene, atMs);
  let made = 0;
  const outcomes = commands.map((command) => decideStock(books, command, () => `made-${(made += 1)}`));
  return { books, outcomes };
}

/** The outcome of one command. */
export function decideOne(scene: Scene, command: StockCommand, atMs = nowMs): StockOutcome {
  const [outcome] = decideScene(scene, [command], atMs).outcomes;
  if (outcome === undefined) throw new Error("A command had no outcome.");
  return outcome;
}
