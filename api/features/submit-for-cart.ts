import type { OutcomeCounts } from "../desk/count-outcomes.ts";
import type { Desk } from "../desk/desk.ts";
import type { DeskOutcome, RecordedClaim } from "../desk/waiting-command.ts";
import type { StockCommand } from "../domain/commands.ts";
import type { Cart } from "../domain/cart.ts";
import { SharedRounds } from "../kernel/shared-rounds.ts";
import { selectCarts } from "../store/carts.ts";
import type { Database } from "../store/open-database.ts";

/** A cart whose items change between each look and its lock is being changed by somebody at that very moment. */
const looksMax = 5;

/** Looks at carts without locking them: what many ask for at the same time is read at once. */
export class CartLooks {
  readonly #looks: SharedRounds<string, Cart | null>;

  constructor(database: Database) {
    this.#looks = new SharedRounds(
      async (cartIds) => {
        const carts = await selectCarts(database, cartIds);
        return cartIds.map((id) => carts.get(id) ?? null);
      },
      { itemsMax: 200, waitingMax: 10_000 },
    );
  }

  /** @returns null when there is no such cart */
  find(cartId: string): Promise<Cart | null> {
    return this.#looks.ask(cartId);
  }
}

/**
 * Submits a command that needs all events of a cart locked. Which those are is read without a lock; when the desk
 * finds that items have come meanwhile, it does nothing and this looks again.
 *
 * @param makeCommand gives the command for the events that were seen
 * @returns the desk's outcome; `overloaded` for a cart that did not hold still
 */
export async function submitForCart(
  { cartLooks, desk, outcomes }: { cartLooks: CartLooks; desk: Desk; outcomes: OutcomeCounts },
  cartId: string,
  makeCommand: (eventIds: readonly string[]) => StockCommand,
  claim: RecordedClaim | null,
): Promise<DeskOutcome> {
  for (let looks = 0; looks < looksMax; looks += 1) {
    const cart = await cartLooks.find(cartId);
    if (cart === null) {
      outcomes.count("cart_not_found");
      return { kind: "cart_not_found" };
    }
    const eventIds = cart.items.map((item) => item.eventId);
    const outcome = await desk.submit(makeCommand(eventIds), claim);
    if (outcome.kind !== "cart_outdated") return outcome;
  }
  outcomes.count("overloaded");
  return { kind: "overloaded" };
}
