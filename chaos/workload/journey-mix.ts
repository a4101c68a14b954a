import type { SeededRandom } from "../seeded-random.ts";
import { abandon } from "./journeys/abandon.ts";
import { buyTickets } from "./journeys/buy-tickets.ts";
import { fillCart } from "./journeys/fill-cart.ts";
import type { Journey } from "./journeys/journey.ts";
import { lapse } from "./journeys/lapse.ts";
import { raceForOneCart, raceForTheLast, raceOneself } from "./journeys/race.ts";
import { browse, changeCapacity, deliverMore, pauseSale, pryIntoAnothers } from "./journeys/run-the-sale.ts";
import { sellDown } from "./journeys/sell-down.ts";
import { verifyPhone } from "./journeys/verify-phone.ts";

const journeys = {
  buy: buyTickets,
  lapse,
  abandon,
  race: raceOneself,
  lock_race: raceForTheLast,
  cart: fillCart,
  race_cart: raceForOneCart,
  verify: verifyPhone,
  deliver: deliverMore,
  sell_down: sellDown,
  capacity: changeCapacity,
  pause: pauseSale,
  pry: pryIntoAnothers,
  browse,
} as const satisfies Readonly<Record<string, (journey: Journey) => Promise<void>>>;

export type JourneyKind = keyof typeof journeys;

/** How often each kind of journey is begun, in proportion to the others. What is not named is not begun. */
export type JourneyMix = Readonly<Partial<Record<JourneyKind, number>>>;

/** Everything that clients do, buying most of all. */
export const everything: JourneyMix = {
  buy: 34,
  lapse: 14,
  abandon: 1,
  race: 8,
  lock_race: 0.3,
  cart: 16,
  verify: 8,
  deliver: 2,
  capacity: 1,
  pause: 0.3,
  pry: 3,
  browse: 8,
};

/** Draws what a client sets out for. @param mix with at least one weight above 0 */
export function drawJourney(random: SeededRandom, mix: JourneyMix): (journey: Journey) => Promise<void> {
  const kinds = Object.entries(mix) as [JourneyKind, number][];
  let left = random.next() * kinds.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of kinds) {
    left -= weight;
    if (left < 0) return journeys[kind];
  }
  return journeys.buy;
}
