import type { CartReply } from "@holdfast/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { codeOf, isRefusal } from "../api/explain-problem.ts";
import { endSession } from "../session/session.ts";
import { tellCartChanged } from "./cart-channel.ts";
import { extendCart, putItem, removeItem } from "./change-cart.ts";
import { keepItems, storedCart } from "./stored-cart.ts";
import { cartChangeKey, cartQuery } from "./use-cart.ts";

/** Changes of the cart, one after the other, so that an older answer never overwrites a newer one. */
const scope = { id: "cart" };

/** What can be done to the cart. Nothing is shown as done before the service has said so. */
export function useCartActions() {
  const client = useQueryClient();
  const options = {
    scope,
    mutationKey: cartChangeKey,
    onSuccess: async (cart: CartReply) => {
      const { queryKey } = cartQuery(cart.id);
      // A question that was asked before the change would answer with the cart as it was.
      await client.cancelQueries({ queryKey });
      client.setQueryData(queryKey, cart);
      keepItems(cart.id, cart.items);
      tellCartChanged();
    },
    onMutate: () => ({ hadCart: storedCart.read() !== null }),
    onError: async (error: unknown, _change: unknown, context: { readonly hadCart: boolean } | undefined) => {
      if (codeOf(error) === "unauthorized") endSession();
      const cartId = storedCart.read()?.cart_id;
      // A cart whose first item was refused does not exist, and in a flash sale many would ask for theirs in vain.
      if (context?.hadCart === false && cartId !== undefined && isRefusal(error)) {
        client.setQueryData(cartQuery(cartId).queryKey, null);
        return;
      }
      // Without an answer the change may have been made all the same.
      await client.invalidateQueries({ queryKey: ["cart"] });
    },
  };
  return {
    put: useMutation({ mutationFn: putItem, ...options }),
    remove: useMutation({ mutationFn: removeItem, ...options }),
    extend: useMutation({ mutationFn: extendCart, ...options }),
  };
}
