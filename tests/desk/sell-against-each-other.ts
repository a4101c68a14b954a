import { setTimeout as pause } from "node:timers/promises";
import { sweepOnce } from "../support/sweep-once.ts";
import type { DeskOutcome } from "../../api/desk/waiting-command.ts";
import type { Order, PaymentResult } from "../../api/domain/order.ts";
import type { Reservation } from "../../api/domain/reservation.ts";
import { makeId } from "../../api/kernel/ids.ts";
import { type CartDesk, declined, succeeded } from "./open-cart-desk.ts";

/** Everyone who moves stock, against each other, on few events. */
export interface Crowd {
  readonly desks: readonly CartDesk[];
  readonly eventIds: readonly string[];
  /** Whose word ends the work. */
  readonly signal: AbortSignal;
  /** Receives the name of every outcome. */
  readonly count: (outcome: string) => void;
}

/** So few users and carts that they are always in each other's way. */
const users = ["ada", "bob", "cyd", "dan", "eve"];
const cartsOfUser = 2;
/** A breath after each command: the point is contention, not load. */
const breathMaxMs = 6;

/** Lets all of them work until the signal. @returns once everybody has stopped */
export async function sellAgainstEachOther(crowd: Crowd): Promise<void> {
  const carts = new Map(users.map((user) => [user, Array.from({ length: cartsOfUser }, () => makeId())]));
  const buyers = users.flatMap((user) => [useCarts(crowd, user, carts), useCarts(crowd, user, carts)]);
  const plain = [0, 1, 2].map((index) => holdPlainly(crowd, `plain ${index}`));
  const sweepers = crowd.desks.map((desk) => sweep(crowd, desk));
  await Promise.all([...buyers, ...plain, ...sweepers, changeEvents(crowd)]);
}

function draw<Item>(items: readonly Item[]): Item {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error("There is nothing to draw from.");
  return item;
}

async function tell(crowd: Crowd, asked: Promise<DeskOutcome>): Promise<DeskOutcome> {
  const outcome = await asked;
  crowd.count(outcome.kind);
  await pause(Math.random() * breathMaxMs);
  return outcome;
}

/** Fills, empties, extends and buys the carts of one user, who is at them twice at once. */
async function useCarts(crowd: Crowd, user: string, carts: ReadonlyMap<string, string[]>): Promise<void> {
  const own = carts.get(user) ?? [];
  while (!crowd.signal.aborted) {
    const desk = draw(crowd.desks);
    const cartId = draw(own);
    const chance = Math.random();
    if (chance < 0.5) {
      await tell(crowd, desk.put(cartId, draw(crowd.eventIds), 1 + Math.floor(Math.random() * 4), user));
    } else if (chance < 0.62) await tell(crowd, desk.remove(cartId, draw(crowd.eventIds)));
    else if (chance < 0.68) await tell(crowd, desk.extend(cartId));
    else {
      const begun = await tell(crowd, desk.begin(cartId, { graceMs: Math.random() < 0.5 ? 5 : 400 }));
      if (begun.kind === "order_begun") await bringToAnEnd(crowd, begun.order);
      // What was bought is used no more.
      if (begun.kind === "order_begun" || begun.kind === "cart_ordered") renew(own, cartId);
    }
  }
}

function renew(carts: string[], cartId: string): void {
  const index = carts.indexOf(cartId);
  if (index >= 0) carts[index] = makeId();
}

/** Settles an order at two desks at once, now and then after its grace, and refunds what was bought. */
async function bringToAnEnd(crowd: Crowd, order: Order): Promise<void> {
  await pause(Math.random() < 0.4 ? Math.random() * 1_800 : 0);
  const results: PaymentResult[] = [succeeded, succeeded, succeeded, declined, { kind: "never_charged" }];
  const result = draw(results);
  const settled = await tell(crowd, draw(crowd.desks).settle(order, result));
  crowd.count(settled.kind === "order_settled" ? `order ${settled.order.status}` : settled.kind);
  await tell(crowd, draw(crowd.desks).settle(order, draw(results)));
  if (settled.kind !== "order_settled" || settled.order.status !== "paid") return;
  // Tickets have to come back, or soon all would be sold.
  await Promise.all(crowd.desks.map((desk) => tell(crowd, desk.refund(settled.order))));
}

/** Holds, confirms, extends and cancels as if there were no carts. */
async function holdPlainly({ desks, eventIds, ...rest }: Crowd, userId: string): Promise<void> {
  const crowd = { desks, eventIds, ...rest };
  const requester = { role: "service" } as const;
  while (!crowd.signal.aborted) {
    const eventId = draw(eventIds);
    const { desk } = draw(desks);
    const held = await tell(crowd, desk.submit({ kind: "hold", eventId, userId, quantity: 2 }));
    const reservationId = reservationIdOf(held);
    if (reservationId === null) continue;
    const kinds = draw([
      ["confirm", "cancel"],
      ["extend", "cancel"],
      ["cancel"],
      ["confirm", "cancel"],
      [],
    ] as const);
    for (const kind of kinds) {
      await tell(crowd, draw(desks).desk.submit({ kind, eventId, reservationId, requester }));
    }
  }
}

function reservationIdOf(outcome: DeskOutcome): Reservation["id"] | null {
  if (outcome.kind === "held") return outcome.reservation.id;
  return outcome.kind === "duplicate_reservation" ? outcome.reservationId : null;
}

async function sweep(crowd: Crowd, { desk, pool }: CartDesk): Promise<void> {
  while (!crowd.signal.aborted) {
    await sweepOnce({ database: pool, desk });
    await pause(20);
  }
}

/** Changes capacities and pauses sales, as an operator may at any time. */
async function changeEvents(crowd: Crowd): Promise<void> {
  while (!crowd.signal.aborted) {
    const { desk } = draw(crowd.desks);
    const eventId = draw(crowd.eventIds);
    const change = { capacity: 6 + Math.floor(Math.random() * 8) };
    await tell(crowd, desk.submit({ kind: "change_event", eventId, change, actor: "test" }));
    for (const reason of ["a test", null]) {
      await tell(crowd, desk.submit({ kind: "set_paused", eventId, reason, actor: "test" }));
    }
    await pause(30);
  }
}
