import { reservationCalls } from "../shop-calls.ts";
import { asShop, heldOrNoted, type Journey } from "./journey.ts";
import { deliverMore } from "./run-the-sale.ts";

/** Buyers take all that there is of an event at the same moment, so that the supplier is asked for more, and delivers. */
export async function sellDown(journey: Journey): Promise<void> {
  const event = journey.market.choose(journey.random, ["restock"]);
  if (event === null) return;
  const { id, capacity, quantityMax } = event;
  const clients = Array.from({ length: Math.ceil(capacity / quantityMax) }, () =>
    asShop(journey, journey.newUser()),
  );
  const settled = await journey.askAtOnce(
    clients.map((client) => reservationCalls.hold(client, id, quantityMax)),
  );
  const confirmations = settled.flatMap((each, index) => {
    const held = heldOrNoted(journey, id, each);
    const client = clients[index];
    return held === null || client === undefined ? [] : [reservationCalls.confirm(client, id, held.id)];
  });
  if (confirmations.length > 0) await journey.askAtOnce(confirmations);
  await deliverMore(journey);
}
