import fc from "fast-check";
import type { Operation } from "../../chaos/history/history-entry.ts";
import { type Fate, SimulatedRun } from "./simulated-run.ts";
import type { SoundRun } from "./sound-run.ts";

/** One thing that somebody does. Numbers choose among what there is at that moment. */
export interface Deed {
  readonly f: Operation | "settle" | "worker_kill" | "set_clock";
  readonly afterMs: number;
  readonly user: number;
  readonly which: number;
  readonly quantity: number;
  readonly fates: readonly Fate[];
  readonly arrivesAfterMs: number;
  readonly answeredAfterMs: number;
  readonly isKeyed: boolean;
  readonly isRepeated: boolean;
}

const often: readonly Deed["f"][] = [
  "hold",
  "hold",
  "hold",
  "hold",
  "confirm",
  "put_item",
  "put_item",
  "check_out",
];
const seldom: readonly Deed["f"][] = [
  "extend",
  "cancel",
  "remove_item",
  "refund",
  "sign_up",
  "verify",
  "deliver",
  "change_event",
  "read",
  "settle",
  "worker_kill",
  "set_clock",
];

const fate = fc.constantFrom<Fate>("unheard", "unserved");

const deed: fc.Arbitrary<Deed> = fc.record({
  f: fc.constantFrom(...often, ...often, ...seldom),
  // Many in the same millisecond, so that their order is in doubt.
  afterMs: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(200)),
  user: fc.nat(7),
  which: fc.nat(20),
  quantity: fc.integer({ min: 1, max: 4 }),
  fates: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fate, { minLength: 1, maxLength: 2 }) },
  ),
  arrivesAfterMs: fc.oneof(fc.nat(3), fc.nat(400)),
  answeredAfterMs: fc.oneof(fc.nat(3), fc.nat(400)),
  isKeyed: fc.boolean(),
  isRepeated: fc.boolean(),
});

/** What several users do with small events, one deed after another and many at the same time. */
export const deeds: fc.Arbitrary<readonly Deed[]> = fc.array(deed, { minLength: 20, maxLength: 120 });

/** Lets a correct service be used so. */
export function playRun(played: readonly Deed[]): SoundRun {
  const run = new SimulatedRun();
  for (const body of [
    { capacity: 3, hold_seconds: 1 },
    { capacity: 6, hold_seconds: 2 },
    { capacity: 4, hold_seconds: 1, requires_verified_phone: true },
  ])
    run.call({ f: "change_event", user: null, event: null, subject: null, body });
  let atMs = 100;
  for (const each of played) {
    atMs += each.afterMs;
    run.at(atMs, () => act(run, each));
  }
  return { ...run.finish(atMs + 4_000), ids: {} };
}

function act(run: SimulatedRun, played: Deed): void {
  const { f, which } = played;
  if (f === "worker_kill") return run.fault("worker_kill");
  // By a little, by more than any hold lasts, and by more than any run.
  if (f === "set_clock") return run.setClock([30, 2_500, 88_000][which % 3] ?? 0);
  if (f === "settle") {
    const pending = [...run.service.stock.orders.values()].filter(({ status }) => status === "pending");
    const order = choose(pending, which);
    if (order !== null) run.service.settle(order.id, which % 3 > 0, run.databaseMs);
    return;
  }
  const request = ask(run, f, played);
  if (request === null) return;
  const { fates, arrivesAfterMs, answeredAfterMs, isRepeated } = played;
  const course = { arrivesAfterMs, answeredAfterMs, repeatedAfterMs: isRepeated ? 150 : null };
  run.call(
    { user: null, event: null, subject: null, body: {}, ...request, f },
    { ...course, fates: [...fates, "answered"] },
  );
}

interface Wish {
  readonly user?: string;
  readonly event?: string;
  readonly subject?: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly isKeyed?: boolean;
}

/** @returns null when there is nothing of that kind to be asked for */
function ask({ service }: SimulatedRun, f: Operation, played: Deed): Wish | null {
  const { stock, carts, customers } = service;
  const { which, quantity } = played;
  const event = choose([...stock.events.keys()], which);
  if (event === null) return null;
  const user = choose([...customers.keys()], which);
  const buyer =
    stock.events.get(event)?.asksForPhone === true && user !== null ? user : `user-${played.user}`;
  const row = choose([...stock.reservations.values()], which);
  const cart = `cart-${played.user % 4}`;
  const owner = carts.get(cart)?.userId ?? `user-${played.user % 4}`;
  const order = choose([...stock.orders.values()], which);
  switch (f) {
    case "hold":
      return { user: buyer, event, body: { user_id: buyer, quantity }, isKeyed: played.isKeyed };
    case "confirm":
    case "extend":
    case "cancel":
      return row === null || row.cartId !== null
        ? null
        : { user: row.userId, event: row.eventId, subject: row.id };
    case "put_item":
      if (stock.events.get(event)?.asksForPhone === true) return null;
      return { user: owner, event, subject: cart, body: { user_id: owner, quantity }, isKeyed: false };
    case "remove_item":
      return { user: owner, event, subject: cart, isKeyed: false };
    case "check_out":
      return {
        user: owner,
        subject: cart,
        body: { token: ["tok_ok", "tok_declined", "tok_late"][which % 3] },
      };
    case "refund":
      return order === null ? null : { user: order.userId, subject: order.id };
    case "sign_up": {
      const name = { first_name: "Ada", last_name: "Lovelace", email: "ada@example.org" };
      const customer = { ...name, phone_number: `+1415555013${which % 3}` };
      return { body: { request_id: `request-${played.user}-${which % 3}`, customer } };
    }
    case "verify":
      if (user === null) return null;
      return { user, subject: user, body: { verification_code: which % 2 === 0 ? "111111" : "000000" } };
    case "deliver": {
      const restock = choose([...stock.restocks.values()], which);
      if (restock === null) return null;
      return {
        event: restock.eventId,
        subject: restock.id,
        body: { restock_order_id: restock.id, quantity: 5 },
      };
    }
    case "change_event":
      if (which % 3 > 0) return { event, body: which % 3 === 1 ? { reason: "rest" } : {} };
      return { event, body: { capacity: quantity + 2 }, isKeyed: false };
    case "read":
      return { event, ...(row !== null && which % 2 === 0 && { subject: row.id }), isKeyed: false };
  }
}

function choose<Choice>(choices: readonly Choice[], which: number): Choice | null {
  return choices[which % Math.max(1, choices.length)] ?? null;
}
