import type { CartView } from "../../domain/cart.ts";
import type { Requester } from "../../domain/commands.ts";
import { viewCart } from "../../domain/view-cart.ts";
import { selectCartSnapshot } from "../../store/cart-snapshots.ts";
import type { Database } from "../../store/open-database.ts";

/** Reads a cart. @returns null when there is none, or when it is another buyer's */
export async function findCart(
  { database }: { database: Database },
  cartId: string,
  requester: Requester,
): Promise<CartView | null> {
  const snapshot = await selectCartSnapshot(database, cartId);
  if (snapshot === null) return null;
  const { orderStatus, maxExtensions, ...seen } = snapshot;
  if (requester.role === "buyer" && seen.cart.userId !== requester.userId) return null;
  return viewCart({
    ...seen,
    order: orderStatus === null ? null : { status: orderStatus },
    maxExtensionsOf: (eventId) => maxExtensions.get(eventId) ?? 0,
  });
}
