import type { ReservationReply } from "../../../api/contract/reservations.ts";
import { openKinds } from "../draw-terms.ts";
import type { HotEvent } from "../event-market.ts";
import { type Client, customerCalls, reservationCalls } from "../shop-calls.ts";
import { asShop, drawQuantity, heldOrNoted, type Journey } from "./journey.ts";

/** Holds tickets, and then buys them, asks for more time before, gives them back, or returns them when bought. */
export async function buyTickets(journey: Journey): Promise<void> {
  const { random, market } = journey;
  const event = market.choose(random, openKinds);
  if (event === null) return;
  const user = journey.newUser();
  const buyer = await chooseClient(journey, user, 0.2);
  const isKeyed = !random.happens(0.1);
  const asked = reservationCalls.hold(buyer, event.id, drawQuantity(journey, event), { isKeyed });
  const held = heldOrNoted(journey, event.id, await journey.ask(asked));
  if (held !== null) await decide(journey, buyer, event, held);
}

/** @param tokenShare how likely it is that the user acts with a token of their own, and not through the shop */
export async function chooseClient(journey: Journey, user: string, tokenShare: number): Promise<Client> {
  const shop = asShop(journey, user);
  if (!journey.random.happens(tokenShare)) return shop;
  const made = await journey.ask(customerCalls.makeToken(journey.serviceKey, user));
  return made.kind === "done" ? { user, credential: made.reply.buyer_token } : shop;
}

/** What somebody does who has a hold. */
async function decide(
  journey: Journey,
  buyer: Client,
  event: HotEvent,
  { id }: ReservationReply,
): Promise<void> {
  const { random } = journey;
  await journey.pause(random.between(0, event.holdMs / 4));
  if (random.happens(0.15)) {
    await giveBack(journey, buyer, event, id);
    return;
  }
  if (random.happens(0.3)) await journey.ask(reservationCalls.extend(buyer, event.id, id));
  const confirmed = await journey.ask(reservationCalls.confirm(buyer, event.id, id));
  // A buyer of something that costs money is told to pay; the shop can confirm what was paid for elsewhere.
  if (confirmed.kind === "refused" && confirmed.code === "payment_required")
    await journey.ask(reservationCalls.confirm(asShop(journey, buyer.user), event.id, id));
  if (random.happens(0.1)) await giveBack(journey, asShop(journey, buyer.user), event, id);
  if (random.happens(0.2)) await journey.ask(reservationCalls.read(buyer, event.id, id));
}

/** Cancels; some press the button once more, which is another request and must return nothing more. */
async function giveBack(journey: Journey, client: Client, event: HotEvent, id: string): Promise<void> {
  const cancel = () => reservationCalls.cancel(client, event.id, id);
  await journey.ask(cancel());
  if (journey.random.happens(0.3)) await journey.ask(cancel());
}
