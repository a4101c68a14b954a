import type { CartReply } from "@holdfast/client";
import { queryOptions, useIsMutating, useQuery } from "@tanstack/react-query";
import { codeOf } from "../api/explain-problem.ts";
import { reader } from "../api/clients.ts";
import { endSession } from "../session/session.ts";
import { useSession } from "../session/use-session.ts";
import { useStored } from "../storage/stored-value.ts";
import { type KeptItem, storedCart } from "./stored-cart.ts";

/** What this browser knows of its cart. */
export type CartState =
  | { readonly kind: "empty" }
  | { readonly kind: "loading" }
  /** As the service told it, and what is left of a cart before; `error` if it could not be asked again since. */
  | {
      readonly kind: "known";
      readonly cart: CartReply;
      readonly left: readonly KeptItem[];
      readonly error: unknown;
    }
  | { readonly kind: "unreadable"; readonly error: unknown }
  /** Nothing is held as far as is known, but what was in a cart is remembered. */
  | {
      readonly kind: "lost";
      readonly remembered: readonly KeptItem[];
      /** When the guest's session ended; null if that is not why. */
      readonly endedAtMs: number | null;
    };

/** What a change has just answered need not be asked for. */
const freshMs = 2_000;

/** Changes of the cart go by this name. */
export const cartChangeKey = ["change cart"];

/** Asks for a cart; null for one that does not exist, as before its first item. */
export function cartQuery(cartId: string) {
  return queryOptions({
    queryKey: ["cart", cartId],
    staleTime: freshMs,
    queryFn: async ({ signal }): Promise<CartReply | null> => {
      try {
        return await reader.findCart(cartId, { signal });
      } catch (error) {
        if (codeOf(error) === "cart_not_found") return null;
        if (codeOf(error) === "unauthorized") endSession();
        throw error;
      }
    },
  });
}

/** The cart of this browser, the same in all its tabs. */
export function useCart(): CartState {
  const stored = useStored(storedCart);
  const session = useSession();
  const isOurs = session.kind === "living" && stored?.user_id === session.session.user_id;
  // The change that is under way makes the cart, or answers with it.
  const isChanging = useIsMutating({ mutationKey: cartChangeKey }) > 0;
  const { data, error } = useQuery({
    ...cartQuery(stored?.cart_id ?? "none"),
    enabled: stored !== null && isOurs && !isChanging,
  });
  if (stored === null) return { kind: "empty" };
  const { left } = stored;
  const remembered = [...stored.kept, ...left];
  const listed = (endedAtMs: number | null): CartState =>
    remembered.length === 0 ? { kind: "empty" } : { kind: "lost", remembered, endedAtMs };
  if (!isOurs) return listed(session.kind === "ended" ? session.endedAtMs : null);
  if (data === undefined) return error === null ? { kind: "loading" } : { kind: "unreadable", error };
  if (data === null) return listed(null);
  if (data.items.length === 0 || data.status === "ordered")
    return left.length === 0 ? { kind: "empty" } : { kind: "lost", remembered: left, endedAtMs: null };
  return { kind: "known", cart: data, left, error };
}
