import { reservationCalls } from "../shop-calls.ts";
import { asShop, drawQuantity, heldOrNoted, type Journey } from "./journey.ts";

/**
 * Holds tickets of an event that hardly anybody comes to, and is not heard of again. Nobody but the sweeper gives these
 * tickets back: elsewhere, whoever finds nothing left releases what is overdue, and hides a sweeper that does nothing.
 */
export async function abandon(journey: Journey): Promise<void> {
  const event = journey.market.choose(journey.random, ["quiet"]);
  if (event === null) return;
  const client = asShop(journey, journey.newUser());
  const asked = reservationCalls.hold(client, event.id, drawQuantity(journey, event));
  heldOrNoted(journey, event.id, await journey.ask(asked));
}
