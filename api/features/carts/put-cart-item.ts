import type { Desk } from "../../desk/desk.ts";
import type { DeskOutcome } from "../../desk/waiting-command.ts";
import type { PutCartItemCommand } from "../../domain/commands.ts";

/**
 * Holds tickets and lists them in a cart, which is made by its first item. The gate is not asked: what a cart already
 * has is not refused, and only the desk can see that.
 *
 * @returns the cart as it is on disk now, or why nothing was put in it
 */
export function putCartItem(
  { desk }: { desk: Desk },
  item: Omit<PutCartItemCommand, "kind">,
): Promise<DeskOutcome> {
  return desk.submit({ kind: "put_cart_item", ...item });
}
