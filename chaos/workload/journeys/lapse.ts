import { openKinds } from "../draw-terms.ts";
import { reservationCalls } from "../shop-calls.ts";
import { asShop, drawQuantity, heldOrNoted, type Journey } from "./journey.ts";

/** Around the deadline: before it by so much at most, and after it. */
const earlyMs = 150;
const lateMs = 400;

/**
 * Lets a hold come to its end, tries to have it all the same at about that moment, and holds again. What comes too
 * late must be refused, also before the sweeper has come by.
 */
export async function lapse(journey: Journey): Promise<void> {
  const { random, market } = journey;
  const event = market.choose(random, openKinds);
  if (event === null) return;
  const client = asShop(journey, journey.newUser());
  const hold = () => reservationCalls.hold(client, event.id, drawQuantity(journey, event));
  const held = heldOrNoted(journey, event.id, await journey.ask(hold()));
  if (held === null) return;
  await journey.pause(Math.max(0, event.holdMs + random.between(-earlyMs, lateMs)));
  const choice = random.next();
  if (choice < 0.5) await journey.ask(reservationCalls.confirm(client, event.id, held.id));
  else if (choice < 0.65) await journey.ask(reservationCalls.extend(client, event.id, held.id));
  else if (choice < 0.75) await journey.ask(reservationCalls.cancel(client, event.id, held.id));
  if (random.happens(0.3)) await journey.ask(reservationCalls.read(client, event.id, held.id));
  if (!random.happens(0.5)) return;
  const again = heldOrNoted(journey, event.id, await journey.ask(hold()));
  if (again !== null) await journey.ask(reservationCalls.confirm(client, event.id, again.id));
}
