import { randomUUID } from "node:crypto";
import type { OrderReply } from "../../../api/contract/orders.ts";
import { openKinds } from "../draw-terms.ts";
import { cartCalls, type Client } from "../shop-calls.ts";
import { chooseClient } from "./buy-tickets.ts";
import { drawQuantity, heldOrNoted, type Journey } from "./journey.ts";

/** What the demo's provider makes of a card, with how often each is taken. */
const tokens: readonly (readonly [token: string, weight: number])[] = [
  ["tok_ok", 60],
  ["tok_declined", 14],
  ["tok_lost", 8],
  ["tok_late", 8],
  ["tok_slow", 10],
];
const orderLooksMax = 20;
const lookEveryMs = 400;

/** Fills a cart over several events, changes its mind about it, and buys it, too late at times. */
export async function fillCart(journey: Journey): Promise<void> {
  const { random, market } = journey;
  const events = market.chooseSeveral(random, random.between(1, 3), openKinds);
  const buyer = await chooseClient(journey, journey.newUser(), 0.15);
  const cart = randomUUID();
  const [first] = events;
  if (first === undefined) return;
  let isFilled = false;
  for (const event of events) {
    const put = await journey.ask(cartCalls.put(buyer, cart, event.id, drawQuantity(journey, event)));
    isFilled = heldOrNoted(journey, event.id, put) !== null || isFilled;
  }
  if (!isFilled) return;
  if (random.happens(0.2))
    await journey.ask(cartCalls.put(buyer, cart, first.id, drawQuantity(journey, first)));
  if (random.happens(0.2)) await move(journey, buyer, cart, first.id);
  if (random.happens(0.2)) await journey.pause(first.holdMs + random.between(-150, 300));
  if (random.happens(0.2)) await journey.ask(cartCalls.read(buyer, cart));
  if (random.happens(0.15)) return;
  const ordered = await journey.ask(cartCalls.checkOut(buyer, cart, drawToken(journey)));
  if (ordered.kind === "refused") return;
  const order = await followOrder(journey, buyer, ordered.reply);
  if (order.status === "declined") await journey.ask(cartCalls.checkOut(buyer, cart, "tok_ok"));
  if (order.status === "paid" && random.happens(0.25))
    await journey.ask(cartCalls.refund(journey.serviceKey, buyer.user, order.id));
  if (random.happens(0.1)) await journey.ask(cartCalls.listOrders(buyer));
}

/** Takes tickets of one event out of the cart, and puts such of another one in. */
async function move(journey: Journey, buyer: Client, cart: string, from: string): Promise<void> {
  await journey.ask(cartCalls.remove(buyer, cart, from));
  const to = journey.market.choose(journey.random, openKinds);
  if (to === null) return;
  const put = await journey.ask(cartCalls.put(buyer, cart, to.id, drawQuantity(journey, to)));
  heldOrNoted(journey, to.id, put);
}

/** Looks at a pending order until it has come to its end, within reason. */
async function followOrder(journey: Journey, buyer: Client, begun: OrderReply): Promise<OrderReply> {
  let order = begun;
  for (let looks = 0; order.status === "pending" && looks < orderLooksMax; looks += 1) {
    await journey.pause(lookEveryMs);
    const found = await journey.ask(cartCalls.readOrder(buyer, order.id));
    if (found.kind === "refused") return order;
    order = found.reply;
  }
  return order;
}

function drawToken({ random }: Journey): string {
  let left = random.next() * tokens.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [token, weight] of tokens) {
    left -= weight;
    if (left < 0) return token;
  }
  return "tok_ok";
}
