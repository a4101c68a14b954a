import type { OutcomeCounts } from "../../desk/count-outcomes.ts";
import type { Desk } from "../../desk/desk.ts";
import type { DeskOutcome, RecordedClaim } from "../../desk/waiting-command.ts";
import type { Requester } from "../../domain/commands.ts";
import type { CartLooks } from "../submit-for-cart.ts";
import { submitForCart } from "../submit-for-cart.ts";

/**
 * Moves the deadline of a cart and of all its holds.
 *
 * @param extension.requester a buyer reaches only their own carts
 * @returns the cart as it is on disk now, or why its deadline stays
 */
export function extendCart(
  services: { cartLooks: CartLooks; desk: Desk; outcomes: OutcomeCounts },
  extension: { cartId: string; requester: Requester },
  claim: RecordedClaim | null,
): Promise<DeskOutcome> {
  return submitForCart(
    services,
    extension.cartId,
    (eventIds) => ({ kind: "extend_cart", eventIds, ...extension }),
    claim,
  );
}
