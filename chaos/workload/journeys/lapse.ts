import { openKinds } from "../draw-terms.ts";
import { reservationCalls } from "../shop-calls.ts";
import { asShop, drawQuantity, heldOrNoted, type Journey } from "./journey.ts";

/** When it is tried, around the deadline. The sweeper is there within milliseconds: only the last moment comes before it. */
const tries = {
  soon: { earlyMs: 150, lateMs: 400 },
  lastMoment: { earlyMs: 20, lateMs: 20 },
} as const;

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
  const { earlyMs, lateMs } = random.happens(0.5) ? tries.lastMoment : tries.soon;
  // The database is on this machine, and so is its clock.
  const leftMs = Date.parse(held.expires_at) - Date.now();
  await journey.pause(Math.max(0, leftMs + random.between(-earlyMs, lateMs)));
  const choice = random.next();
  if (choice < 0.45) await journey.ask(reservationCalls.confirm(client, event.id, held.id));
  else if (choice < 0.75) await journey.ask(reservationCalls.extend(client, event.id, held.id));
  else if (choice < 0.85) await journey.ask(reservationCalls.cancel(client, event.id, held.id));
  if (random.happens(0.3)) await journey.ask(reservationCalls.read(client, event.id, held.id));
  if (!random.happens(0.5)) return;
  const again = heldOrNoted(journey, event.id, await journey.ask(hold()));
  if (again !== null) await journey.ask(reservationCalls.confirm(client, event.id, again.id));
}
