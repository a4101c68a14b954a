import type { CartReply, Retry } from "@holdfast/client";
import { buyer } from "../api/clients.ts";
import { codeOf, salesStartOf } from "../api/explain-problem.ts";
import { serverNowMs } from "../clock/server-clock.ts";
import { ensureSession } from "../session/ensure-session.ts";
import { endSession } from "../session/session.ts";
import { showToast } from "../toasts/toasts.ts";
import { ensureCartId, forgetCart, storedCart } from "./stored-cart.ts";

const neededMs = 120_000;
/** How early a click may be that is kept until sales have started. */
const earlyMaxMs = 1_000;
const startMarginMs = 600;

/** Tickets of one event that are to be in the cart. */
export interface WantedItem {
  readonly event_id: string;
  readonly quantity: number;
}

/**
 * Puts tickets in the cart, or changes how many. Sent twice it has one effect, since the cart's id is kept.
 *
 * @returns the cart with the tickets held
 * @throws HoldfastError when they cannot be held, UnreachableError when it is not known whether they are
 */
export async function putItem(item: WantedItem): Promise<CartReply> {
  try {
    return await putOnce(item);
  } catch (error) {
    const isWorthIt = (await isJustBeforeStart(error)) || (await isOutdated(error));
    if (!isWorthIt) throw error;
    return putOnce(item);
  }
}

async function putOnce({ event_id, quantity }: WantedItem): Promise<CartReply> {
  // A guest with nothing to lose is not sent into a checkout that its token would not see the end of.
  const isEmpty = (storedCart.read()?.kept ?? []).length === 0;
  const { user_id } = await ensureSession(isEmpty ? neededMs : 0);
  const cartId = await ensureCartId(user_id);
  return buyer.putCartItem(cartId, event_id, { user_id, quantity }, { onRetry: tellStillTrying });
}

/** Whoever waits is told why, once there is something to wait for. */
function tellStillTrying({ tries, error }: Retry): void {
  if (tries < 2) return;
  const isBusy = codeOf(error) === "overloaded" || codeOf(error) === "rate_limited";
  showToast(
    isBusy
      ? "Very many people are here at once. We are still trying."
      : "The shop does not answer. We are still trying.",
  );
}

/**
 * Whether sales were about to start: our idea of the server's clock can be a little early, and whoever clicks on the
 * second is not sent away for that. Waits for the start.
 */
async function isJustBeforeStart(error: unknown): Promise<boolean> {
  const startsAtMs = salesStartOf(error);
  if (startsAtMs === null) return false;
  const leftMs = startsAtMs - serverNowMs();
  if (leftMs > earlyMaxMs) return false;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, leftMs) + startMarginMs));
  return true;
}

/** Whether the guest or the cart that we remember has served its time, so that a new one does. */
async function isOutdated(error: unknown): Promise<boolean> {
  switch (codeOf(error)) {
    case "unauthorized":
      endSession();
      return true;
    case "cart_ordered":
    case "cart_not_found":
      forgetCart(await ensureCartId((await ensureSession()).user_id));
      return true;
    default:
      return false;
  }
}

/** Takes an event out of the cart and gives its tickets back. */
export function removeItem({ cart_id, event_id }: { cart_id: string; event_id: string }): Promise<CartReply> {
  return buyer.removeCartItem(cart_id, event_id);
}

/**
 * Gives the cart one more hold period. The key is made of the deadline that is moved, so that two clicks, or two tabs, on
 * the same deadline move it once.
 */
export function extendCart({ id, expires_at }: CartReply): Promise<CartReply> {
  return buyer.extendCart(id, { idempotencyKey: `extend ${id} ${expires_at ?? ""}` });
}
