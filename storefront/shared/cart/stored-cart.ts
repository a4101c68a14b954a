import { runAlone } from "../storage/run-alone.ts";
import { isRecord, numberOf, textOf } from "../storage/read-members.ts";
import { makeId } from "../storage/make-id.ts";
import { storedValue } from "../storage/stored-value.ts";

/** What was put in a cart, as last seen: it outlives the cart and the guest. */
export interface KeptItem {
  readonly event_id: string;
  readonly name: string;
  readonly quantity: number;
  readonly price_cents: number;
  readonly currency: string;
}

/** The one cart of this browser. */
export interface StoredCart {
  readonly cart_id: string;
  /** Whose it is: a cart belongs to one guest. */
  readonly user_id: string;
  /** What is in it, as last seen. */
  readonly kept: readonly KeptItem[];
  /** What was in a cart before it that could not be read any more, and has not been reserved again since. */
  readonly left: readonly KeptItem[];
}

export const storedCart = storedValue<StoredCart>("holdfast-cart", (json) => {
  const [cart_id, user_id] = [textOf(json, "cart_id"), textOf(json, "user_id")];
  if (cart_id === null || user_id === null) return null;
  return { cart_id, user_id, kept: readItems(json, "kept"), left: readItems(json, "left") };
});

/** The cart's id for a guest. It is made here and stored before the first request, so that all tabs send the same. */
export function ensureCartId(userId: string): Promise<string> {
  return runAlone("holdfast-cart", async () => {
    const stored = storedCart.read();
    if (stored?.user_id === userId) return stored.cart_id;
    const cart_id = makeId();
    const left = stored === null ? [] : [...stored.left, ...stored.kept];
    storedCart.write({ cart_id, user_id: userId, kept: [], left });
    return cart_id;
  });
}

/** Lets another cart take the place of one that has served, unless that has been done meanwhile. */
export function forgetCart(cartId: string): void {
  const stored = storedCart.read();
  if (stored?.cart_id !== cartId) return;
  storedCart.write(stored.left.length === 0 ? null : { ...stored, cart_id: makeId(), kept: [] });
}

/** Leaves a cart to the guest whose it is: it may still hold what is in it, so that is not to be reserved again. */
export function leaveCart(): void {
  const stored = storedCart.read();
  if (stored !== null) storedCart.write(stored.left.length === 0 ? null : { ...stored, kept: [] });
}

/** Takes an item off the list of what is only remembered. */
export function forgetItem(eventId: string): void {
  const stored = storedCart.read();
  if (stored === null) return;
  const others = (items: readonly KeptItem[]) => items.filter(({ event_id }) => event_id !== eventId);
  storedCart.write({ ...stored, kept: others(stored.kept), left: others(stored.left) });
}

/** Notes what is in a cart, for the day when it cannot be read any more. */
export function keepItems(cartId: string, items: readonly KeptItem[]): void {
  const stored = storedCart.read();
  if (stored?.cart_id !== cartId) return;
  const kept = items.map(({ event_id, name, quantity, price_cents, currency }) => {
    return { event_id, name, quantity, price_cents, currency };
  });
  const left = stored.left.filter((item) => kept.every(({ event_id }) => event_id !== item.event_id));
  const isNew = JSON.stringify([kept, left]) !== JSON.stringify([stored.kept, stored.left]);
  if (isNew) storedCart.write({ ...stored, kept, left });
}

function readItems(json: unknown, member: string): KeptItem[] {
  const items = isRecord(json) ? json[member] : undefined;
  return Array.isArray(items) ? items.flatMap(readKept) : [];
}

function readKept(json: unknown): KeptItem[] {
  const [event_id, name, currency] = [
    textOf(json, "event_id"),
    textOf(json, "name"),
    textOf(json, "currency"),
  ];
  const [quantity, price_cents] = [numberOf(json, "quantity"), numberOf(json, "price_cents")];
  if (event_id === null || name === null || currency === null) return [];
  if (quantity === null || price_cents === null) return [];
  return [{ event_id, name, quantity, price_cents, currency }];
}
