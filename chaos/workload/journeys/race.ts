import { randomUUID } from "node:crypto";
import { openKinds } from "../draw-terms.ts";
import { cartCalls, reservationCalls } from "../shop-calls.ts";
import { asShop, drawQuantity, heldOrNoted, type Journey } from "./journey.ts";

const burst = 50;

/** One user asks several times at once, each time with another key: one reservation may come of it. */
export async function raceOneself(journey: Journey): Promise<void> {
  const { random, market } = journey;
  const event = market.choose(random, openKinds);
  if (event === null) return;
  const client = asShop(journey, journey.newUser());
  const holds = Array.from({ length: random.between(2, 4) }, () =>
    reservationCalls.hold(client, event.id, drawQuantity(journey, event)),
  );
  const settled = await journey.askAtOnce(holds);
  const [held] = settled.flatMap((each) => heldOrNoted(journey, event.id, each) ?? []);
  if (held === undefined) return;
  const ends = random.happens(0.7)
    ? [
        reservationCalls.confirm(client, event.id, held.id),
        reservationCalls.confirm(client, event.id, held.id),
      ]
    : [
        reservationCalls.cancel(client, event.id, held.id),
        reservationCalls.confirm(client, event.id, held.id),
      ];
  await journey.askAtOnce(ends);
}

/** Many buyers come for the last tickets at the same moment; who gets some keeps, returns, or forgets them. */
export async function raceForTheLast(journey: Journey): Promise<void> {
  const { random, market } = journey;
  const event = market.choose(random, openKinds);
  if (event === null) return;
  const clients = Array.from({ length: burst }, () => asShop(journey, journey.newUser()));
  const settled = await journey.askAtOnce(
    clients.map((client) => reservationCalls.hold(client, event.id, drawQuantity(journey, event))),
  );
  const ends = settled.flatMap((each, index) => {
    const client = clients[index];
    const held = heldOrNoted(journey, event.id, each);
    if (held === null || client === undefined || random.happens(0.2)) return [];
    return random.happens(0.7)
      ? [reservationCalls.confirm(client, event.id, held.id)]
      : [reservationCalls.cancel(client, event.id, held.id)];
  });
  if (ends.length > 0) await journey.askAtOnce(ends);
}

/** One user fills and changes one cart in several places at once, and leaves it. */
export async function raceForOneCart(journey: Journey): Promise<void> {
  const { random, market } = journey;
  const events = market.chooseSeveral(random, random.between(2, 3), openKinds);
  const client = asShop(journey, journey.newUser());
  const cart = randomUUID();
  const puts = () =>
    events.map((event) => cartCalls.put(client, cart, event.id, drawQuantity(journey, event)));
  const filled = await journey.askAtOnce([...puts(), ...puts()]);
  if (!filled.some(({ kind }) => kind === "done")) return;
  await journey.askAtOnce([...puts(), ...events.map((event) => cartCalls.remove(client, cart, event.id))]);
}
