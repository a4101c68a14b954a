import type { Desk } from "../../desk/desk.ts";
import type { DeskOutcome } from "../../desk/waiting-command.ts";
import type { RemoveCartItemCommand } from "../../domain/commands.ts";

/**
 * Takes an item out of a cart and returns its tickets.
 *
 * @returns the cart as it is on disk now, or why nothing was taken out
 */
export function removeCartItem(
  { desk }: { desk: Desk },
  item: Omit<RemoveCartItemCommand, "kind">,
): Promise<DeskOutcome> {
  return desk.submit({ kind: "remove_cart_item", ...item });
}
