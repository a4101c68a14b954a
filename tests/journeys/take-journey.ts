import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { type Client, HoldfastError, type OrderReply } from "@holdfast/client";

/** What a buyer was told in the end. */
export interface Journey {
  readonly userId: string;
  readonly cartId: string;
  /** The idempotency key of the checkout; null for who did not check out. */
  readonly key: string | null;
  /** The order at its end; null when none was made. */
  readonly order: OrderReply | null;
  /** Why it went no further; null when it did. */
  readonly refusal: string | null;
  /** How often the order was pending when it was first told. */
  readonly wasPending: boolean;
}

/** What a journey does, decided before it begins, so that a seed repeats it. */
export interface Plan {
  readonly userId: string;
  readonly items: readonly { readonly eventId: string; readonly quantity: number }[];
  /** The place in `items` of what is taken out again; null for nothing. */
  readonly removed: number | null;
  /** Null leaves the cart behind. */
  readonly token: string | null;
  /** Whether the shop takes a paid order back. */
  readonly isRefunded: boolean;
}

/** Longer than any payment of the plan takes, with a machine that is busy with everything at once. */
const orderMaxMs = 120_000;
const askAgainMs = 250;

/**
 * Fills a cart, checks it out and waits for the order's end. Refusals are results; what stays unanswered although it is
 * repeated is thrown.
 */
export async function takeJourney(client: Client, plan: Plan): Promise<Journey> {
  const { userId, token } = plan;
  const cartId = randomUUID();
  const left = { userId, cartId, key: null, order: null, wasPending: false };
  try {
    const filled = await fillCart(client, cartId, plan);
    if (filled !== null || token === null) return { ...left, refusal: filled };
    const key = randomUUID();
    const body = { email: `${userId}@example.org`, payment: { provider: "demo", token } } as const;
    const first = await client.checkOutCart(cartId, body, { idempotencyKey: key });
    const settled = await awaitEnd(client, first);
    const isTakenBack = plan.isRefunded && settled.status === "paid";
    const order = isTakenBack ? await client.refundOrder(settled.id) : settled;
    return { userId, cartId, key, order, refusal: null, wasPending: first.status === "pending" };
  } catch (error) {
    if (error instanceof HoldfastError && error.status < 500) return { ...left, refusal: error.code };
    throw error;
  }
}

/** @returns why the cart has nothing in it; null when it has something */
async function fillCart(
  client: Client,
  cartId: string,
  { userId, items, removed }: Plan,
): Promise<string | null> {
  let refusal: string | null = "nothing_planned";
  let held = 0;
  for (const { eventId, quantity } of items) {
    try {
      const cart = await client.putCartItem(cartId, eventId, { user_id: userId, quantity });
      held = cart.items.filter(({ status }) => status === "held").length;
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.status >= 500) throw error;
      refusal = error.code;
    }
  }
  const unwanted = removed === null ? undefined : items[removed];
  if (unwanted !== undefined && held > 0) {
    const cart = await client.removeCartItem(cartId, unwanted.eventId);
    held = cart.items.filter(({ status }) => status === "held").length;
  }
  return held > 0 ? null : refusal;
}

async function awaitEnd(client: Client, order: OrderReply): Promise<OrderReply> {
  const deadlineMs = performance.now() + orderMaxMs;
  let latest = order;
  while (latest.status === "pending") {
    if (performance.now() > deadlineMs) throw new Error(`Order ${order.id} has no end.`);
    await wait(askAgainMs);
    latest = await client.findOrder(order.id);
  }
  return latest;
}
