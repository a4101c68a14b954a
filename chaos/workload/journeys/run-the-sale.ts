import { eventKinds, openKinds } from "../draw-terms.ts";
import { customerCalls, reservationCalls, saleCalls } from "../shop-calls.ts";
import { asShop, drawQuantity, heldOrNoted, type Journey } from "./journey.ts";

/** Changes how many tickets there are: more, or fewer than are held and sold, which is refused. */
export async function changeCapacity(journey: Journey): Promise<void> {
  const { random, market, adminKey } = journey;
  const event = market.choose(random, openKinds);
  if (event === null) return;
  const capacity = random.happens(0.5)
    ? event.capacity + random.between(1, 5)
    : Math.max(0, event.capacity - random.between(1, event.capacity));
  const changed = await journey.ask(saleCalls.change(adminKey, event.id, { capacity }));
  if (changed.kind === "done") event.capacity = changed.reply.capacity;
}

/** Stops the sale for a moment. */
export async function pauseSale(journey: Journey): Promise<void> {
  const { random, market, adminKey } = journey;
  const event = market.choose(random, eventKinds);
  if (event === null) return;
  await journey.ask(saleCalls.pause(adminKey, event.id));
  await journey.pause(random.between(50, 500));
  await journey.ask(saleCalls.resume(adminKey, event.id));
}

/** Reports what a supplier has delivered, more often than once, while the service asks the supplier itself. */
export async function deliverMore(journey: Journey): Promise<void> {
  const { random, market, serviceKey } = journey;
  const event = market.choose(random, ["restock"]);
  if (event === null) return;
  const listed = await journey.ask(saleCalls.restockOrders(serviceKey, event.id));
  if (listed.kind === "refused") return;
  const orders = listed.reply.data;
  const order = orders.find(({ status }) => status === "open" || status === "placed") ?? orders[0];
  if (order === undefined) return;
  const delivery = saleCalls.deliver(serviceKey, event.id, order.id, order.quantity);
  await journey.askAtOnce([delivery, delivery]);
  if (random.happens(0.3)) await journey.ask(delivery);
  // Otherwise it would never be sold out.
  if (orders.length >= 3) await journey.ask(saleCalls.change(journey.adminKey, event.id, { restock: null }));
}

/** A stranger asks for what is somebody else's, and is told that it is not there. */
export async function pryIntoAnothers(journey: Journey): Promise<void> {
  const { random, market, serviceKey } = journey;
  const event = market.choose(random, openKinds);
  if (event === null) return;
  const owner = asShop(journey, journey.newUser());
  const asked = reservationCalls.hold(owner, event.id, drawQuantity(journey, event));
  const held = heldOrNoted(journey, event.id, await journey.ask(asked));
  if (held === null) return;
  const user = journey.newUser();
  const made = await journey.ask(customerCalls.makeToken(serviceKey, user));
  if (made.kind === "refused") return;
  const stranger = { user, credential: made.reply.buyer_token };
  await journey.ask(reservationCalls.read(stranger, event.id, held.id));
  await journey.ask(reservationCalls.confirm(stranger, event.id, held.id));
  await journey.ask(reservationCalls.cancel(stranger, event.id, held.id));
  if (random.happens(0.5)) await journey.ask(reservationCalls.confirm(owner, event.id, held.id));
}

/** Looks around, as most people do. */
export async function browse(journey: Journey): Promise<void> {
  const { random, market, serviceKey } = journey;
  // Strangers are counted by their address, and all of these come from one.
  const credential = random.happens(0.05) ? null : serviceKey;
  const event = random.happens(0.3) ? market.chooseRetired(random) : market.choose(random, eventKinds);
  if (random.happens(0.1)) await journey.ask(saleCalls.list(credential));
  if (event === null) return;
  await journey.ask(saleCalls.read(credential, event.id));
  if (random.happens(0.3))
    await journey.ask(reservationCalls.list(asShop(journey, journey.newUser()), event.id));
}
