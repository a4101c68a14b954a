import fc from "fast-check";
import { expect, it } from "vitest";
import type { StockCommand, StockOutcome } from "../../api/domain/commands.ts";
import { restockOutcomes } from "./outcome-kinds.ts";
import type { PlainStore } from "./plain-store.ts";
import { closeOf, countedIds, deliveryOf, eventIn, openRestockStore, reopenOf } from "./restock-samples.ts";
import { nowMs, sampleHold } from "./samples.ts";

/** A choice is turned into a command when it runs, about what exists then. */
type Choice = (store: PlainStore) => StockCommand;

const pick = fc.nat({ max: 20 });
const idOf = (ids: readonly string[], at: number) => ids[at % Math.max(1, ids.length)] ?? "unknown";
const restockIdOf = (store: PlainStore, at: number) => idOf([...store.restockOrders.keys(), "unknown"], at);
const anyRule = fc.record({
  threshold: fc.integer({ min: 0, max: 6 }),
  quantity: fc.integer({ min: 1, max: 4 }),
  supplierUrl: fc.constant("demo:"),
});

const choice: fc.Arbitrary<Choice> = fc.oneof(
  fc.tuple(pick, fc.integer({ min: 1, max: 3 })).map(([user, quantity]): Choice => {
    return () => sampleHold({ userId: `user-${user}`, quantity });
  }),
  pick.map((at): Choice => {
    return (store) => ({
      kind: "cancel",
      eventId: "event",
      reservationId: idOf([...store.reservations.keys()], at),
      requester: { role: "service" },
    });
  }),
  fc.tuple(pick, fc.boolean(), fc.integer({ min: 1, max: 4 })).map(([at, isRight, quantity]): Choice => {
    return (store) => {
      const id = restockIdOf(store, at);
      return deliveryOf(id, { quantity: isRight ? (store.restockOrders.get(id)?.quantity ?? 1) : quantity });
    };
  }),
  fc.tuple(pick, fc.constantFrom("given_up" as const, "cancelled" as const)).map(([at, status]): Choice => {
    return (store) => closeOf(restockIdOf(store, at), status);
  }),
  pick.map(
    (at): Choice =>
      (store) =>
        reopenOf(restockIdOf(store, at)),
  ),
  fc
    .record(
      { restock: fc.option(anyRule, { freq: 4 }), capacity: fc.constantFrom(0, 3, 8, 20, 9_999_998) },
      { requiredKeys: [] },
    )
    .map((change): Choice => () => ({ kind: "change_event", eventId: "event", change, actor: "ops" })),
);

const script = fc.record({
  rule: anyRule,
  batches: fc.array(fc.array(choice, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 25 }),
});

/** Plays a script. @param check is called after each transaction, with what came of it */
function play(
  { rule, batches }: typeof script extends fc.Arbitrary<infer Script> ? Script : never,
  check: (store: PlainStore, commands: readonly StockCommand[], outcomes: readonly StockOutcome[]) => void,
): void {
  const store = openRestockStore({ restock: rule });
  const makeId = countedIds();
  for (const choices of batches) {
    const commands = choices.map((choose) => choose(store));
    const { outcomes } = store.transact(commands, nowMs, makeId);
    check(store, commands, outcomes);
  }
}

it("at most one restock order of an event is under way, and the event names it, however commands interleave", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(script, (given) => {
      play(given, (store, _commands, outcomes) => {
        for (const { kind } of outcomes) seen.add(kind);
        const underWay = [...store.restockOrders.values()].filter(
          ({ status }) => status === "open" || status === "placed",
        );
        expect(underWay.length).toBeLessThanOrEqual(1);
        const event = eventIn(store);
        expect(event.restockOrderId).toBe(underWay[0]?.id ?? null);
        // No job is ever done here, so each order that is under way still has its own.
        const jobs = underWay.map(({ id }) => store.jobs.get(`place-restock-order ${id}`)?.id);
        expect(jobs).toEqual(underWay.map(({ id }) => id));
        expect(event.available + event.held + event.sold).toBe(event.capacity);
        expect(Math.min(event.available, event.held, event.sold)).toBeGreaterThanOrEqual(0);
        expect(event.capacity).toBeLessThanOrEqual(10_000_000);
        // What is short has an order under way, or a reason not to.
        const { restock, restockOrderId, restockHeldBack } = event;
        const isShort = restock !== null && event.available < restock.threshold;
        const hasRoom = restock !== null && event.capacity + restock.quantity <= 10_000_000;
        expect(isShort && hasRoom && restockOrderId === null && !restockHeldBack).toBe(false);
      });
    }),
    { numRuns: 600 },
  );
  expect([...seen]).toEqual(expect.arrayContaining(Object.keys(restockOutcomes)));
});

it("the capacity rises by each delivered order once, whatever is reported", () => {
  fc.assert(
    fc.property(script, (given) => {
      let base = 4;
      const deliveredIn = (store: PlainStore) =>
        [...store.restockOrders.values()]
          .filter(({ status }) => status === "delivered")
          .reduce((sum, { quantity }) => sum + quantity, 0);
      play(given, (store, commands, outcomes) => {
        const hasSet = commands.some(
          (command, index) =>
            command.kind === "change_event" &&
            command.change.capacity !== undefined &&
            outcomes[index]?.kind === "event_changed",
        );
        // A capacity that somebody has set says nothing about deliveries; from there on it is counted again.
        if (hasSet) base = eventIn(store).capacity - deliveredIn(store);
        expect(eventIn(store).capacity).toBe(base + deliveredIn(store));
      });
    }),
    { numRuns: 400 },
  );
});
