import fc from "fast-check";
import type { Cart } from "../../api/domain/cart.ts";
import type { Requester, StockCommand } from "../../api/domain/commands.ts";
import type { Order, PaymentResult } from "../../api/domain/order.ts";
import type { PlainStore } from "./plain-store.ts";
import { advanceMs, commandOf, type SaleChoice, saleChoice, saleEvents } from "./sale-scripts.ts";
import type { Terms } from "./stock-model.ts";

type As = "service" | "owner" | "stranger";
/** What the caller knew of the items: all of them, or not the last one. */
type Seen = "all" | "too few";

/** A command about a cart or an order, of which the rest is looked up when it runs. */
type CartChoice =
  | {
      readonly kind: "put_cart_item";
      readonly cart: number;
      readonly user: "its own" | "another";
      readonly event: number;
      readonly quantity: number;
      readonly as: As;
    }
  | { readonly kind: "remove_cart_item"; readonly cart: number; readonly event: number; readonly as: As }
  | { readonly kind: "extend_cart"; readonly cart: number; readonly seen: Seen; readonly as: As }
  | {
      readonly kind: "begin_checkout";
      readonly cart: number;
      readonly seen: Seen;
      readonly as: As;
      readonly isProviderAvailable: boolean;
      readonly graceMs: number;
    }
  | {
      readonly kind: "settle_order";
      readonly pick: number;
      readonly seen: Seen;
      readonly result: PaymentResult["kind"];
    }
  | { readonly kind: "refund_order"; readonly pick: number; readonly seen: Seen };

export interface CartScript {
  readonly events: readonly Terms[];
  readonly batches: readonly {
    readonly advanceMs: number;
    readonly choices: readonly (CartChoice | SaleChoice)[];
  }[];
}

const carts = fc.nat({ max: 3 });
// The fourth event does not exist.
const eventsAsked = fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 2, 2, 3);
const requesters = fc.constantFrom<As>("owner", "owner", "owner", "service", "service", "stranger");
const looks = fc.constantFrom<Seen>("all", "all", "all", "all", "all", "too few");
const picks = fc.nat({ max: 30 });

const put = fc.record({
  kind: fc.constant("put_cart_item" as const),
  cart: carts,
  user: fc.constantFrom("its own" as const, "its own" as const, "its own" as const, "another" as const),
  event: eventsAsked,
  quantity: fc.constantFrom(1, 1, 1, 2, 2, 3),
  as: requesters,
});
const remove = fc.record({
  kind: fc.constant("remove_cart_item" as const),
  cart: carts,
  event: eventsAsked,
  as: requesters,
});
const extend = fc.record({
  kind: fc.constant("extend_cart" as const),
  cart: carts,
  seen: looks,
  as: requesters,
});
const begin = fc.record({
  kind: fc.constant("begin_checkout" as const),
  cart: carts,
  seen: looks,
  as: requesters,
  isProviderAvailable: fc.constantFrom(true, true, true, true, false),
  graceMs: fc.constantFrom(0, 1000, 3000),
});
const settle = fc.record({
  kind: fc.constant("settle_order" as const),
  pick: picks,
  seen: looks,
  result: fc.constantFrom<PaymentResult["kind"]>(
    "succeeded",
    "succeeded",
    "succeeded",
    "declined",
    "never_charged",
  ),
});
const refund = fc.record({ kind: fc.constant("refund_order" as const), pick: picks, seen: looks });

const choices: fc.Arbitrary<CartChoice | SaleChoice> = fc.oneof(
  { weight: 10, arbitrary: put },
  { weight: 2, arbitrary: remove },
  { weight: 2, arbitrary: extend },
  { weight: 6, arbitrary: begin },
  { weight: 5, arbitrary: settle },
  { weight: 1, arbitrary: refund },
  { weight: 5, arbitrary: saleChoice },
);

const pricedEvents = fc
  .tuple(
    saleEvents,
    fc.array(
      fc.record({
        priceCents: fc.constantFrom(0, 700, 1500),
        currency: fc.constantFrom("USD", "USD", "EUR"),
      }),
      {
        minLength: 3,
        maxLength: 3,
      },
    ),
  )
  .map(([events, prices]) => events.map((each, index) => ({ ...each, ...prices[index] })));

/** Sales of up to three events to carts of several users, with payments that end in every way and at any time. */
export const cartScript: fc.Arbitrary<CartScript> = fc.record({
  events: pricedEvents,
  batches: fc.array(fc.record({ advanceMs, choices: fc.array(choices, { minLength: 1, maxLength: 6 }) }), {
    minLength: 1,
    maxLength: 40,
    size: "large",
  }),
});

/** Says what came of each payment. As with a real provider, the first answer for an order stays. */
export class PlainProvider {
  readonly results = new Map<string, PaymentResult>();

  answer(orderId: string, kind: PaymentResult["kind"]): PaymentResult {
    const known = this.results.get(orderId);
    if (known !== undefined) return known;
    const result = resultOf(orderId, kind);
    this.results.set(orderId, result);
    return result;
  }
}

/** Turns a choice into a command about what exists now. @param orderId of the order that it may begin */
export function cartCommandOf(
  choice: CartChoice | SaleChoice,
  store: PlainStore,
  provider: PlainProvider,
  orderId: string,
): StockCommand {
  switch (choice.kind) {
    case "put_cart_item": {
      const { kind, event: number, quantity } = choice;
      const userId = choice.user === "its own" ? userOf(choice.cart) : userOf(choice.cart + 1);
      const named = { cartId: cartId(choice.cart), eventId: `event-${number}` };
      return { kind, ...named, userId, quantity, requester: requesterOf(choice.as, userOf(choice.cart)) };
    }
    case "remove_cart_item": {
      const { kind, event: number } = choice;
      const requester = requesterOf(choice.as, userOf(choice.cart));
      return { kind, cartId: cartId(choice.cart), eventId: `event-${number}`, requester };
    }
    case "extend_cart":
    case "begin_checkout": {
      const eventIds = eventsSeen(store.carts.get(cartId(choice.cart)), choice.seen);
      const requester = requesterOf(choice.as, userOf(choice.cart));
      const named = { eventIds, cartId: cartId(choice.cart), requester };
      if (choice.kind === "extend_cart") return { kind: choice.kind, ...named };
      const payment = { provider: "demo", token: "tok_ok", email: "ada@example.org" } as const;
      const { isProviderAvailable, graceMs } = choice;
      return { kind: choice.kind, ...named, ...payment, orderId, isProviderAvailable, graceMs };
    }
    case "settle_order":
    case "refund_order": {
      const order = pickOrder(store, choice);
      const named = { cartId: order?.cartId ?? cartId(0), orderId: order?.id ?? "unknown" };
      const eventIds = eventsSeen(order, choice.seen);
      if (choice.kind === "refund_order") return { kind: choice.kind, eventIds, ...named };
      return { kind: choice.kind, eventIds, ...named, result: provider.answer(named.orderId, choice.result) };
    }
    default:
      return commandOf(choice, [...store.reservations.values()]);
  }
}

function resultOf(orderId: string, kind: PaymentResult["kind"]): PaymentResult {
  if (kind === "succeeded") return { kind, reference: `payment of ${orderId}` };
  return kind === "declined" ? { kind, reason: "no funds" } : { kind };
}

/** One that is under way, if there is one and a settlement is asked for; now and then one that does not exist. */
function pickOrder(store: PlainStore, { kind, pick }: { kind: string; pick: number }): Order | undefined {
  const orders = [...store.orders.values()];
  const wanted = kind === "settle_order" ? "pending" : "paid";
  const due = orders.filter(({ status }) => status === wanted);
  const among = pick % 4 !== 0 && due.length > 0 ? due : orders;
  return pick === 30 ? undefined : among[pick % Math.max(1, among.length)];
}

function eventsSeen(place: Pick<Cart, "items"> | undefined, seen: Seen): string[] {
  const eventIds = (place?.items ?? []).map(({ eventId }) => eventId);
  return seen === "all" ? eventIds : eventIds.slice(0, -1);
}

function cartId(index: number): string {
  return `cart-${index}`;
}

/** Two carts belong to the same user. */
function userOf(cart: number): string {
  return `user-${cart % 3}`;
}

function requesterOf(as: As, ownerId: string): Requester {
  if (as === "service") return { role: "service" };
  return { role: "buyer", userId: as === "owner" ? ownerId : "stranger" };
}
