import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StockCommand, StockOutcome } from "../../api/domain/commands.ts";
import { isOverdue } from "../../api/domain/reservation.ts";
import type { StockChanges } from "../../api/domain/stock-books.ts";
import { CartModel } from "./cart-model.ts";
import { cartCommandOf, cartScript, type CartScript, PlainProvider } from "./cart-scripts.ts";
import { checkBooks } from "./check-books.ts";
import { cartOutcomes, isRefusal } from "./outcome-kinds.ts";
import { PlainStore } from "./plain-store.ts";
import { startMs, verifiedPhones } from "./sale-scripts.ts";

const sampling = { numRuns: 400 };

describe("any sale with carts, whatever is asked in whatever order and however long payments take", () => {
  it("has the outcomes of the model, and its rows and jobs, after every batch", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(cartScript, (script) => {
        const { store, model } = openSale(script);
        const [storeIds, modelIds] = [countedIds(), countedIds()];
        play(script, store, (commands, nowMs) => {
          model.stock.touched.clear();
          const expected = commands.map((command) => model.run(command, nowMs, modelIds));
          const { outcomes, changes } = store.transact(commands, nowMs, storeIds);
          for (const { kind } of outcomes) seen.add(kind);

          expect(outcomes.map(withoutVersion)).toEqual(expected);
          expect(new Set(changes.events.map(({ id }) => id))).toEqual(model.stock.touched);
          for (const event of store.events.values()) {
            expect(event).toEqual({ ...model.stock.eventAsSeen(event.id), version: event.version });
          }
          expect([...store.reservations.values()]).toEqual(model.stock.reservations);
          expect([...store.carts.values()]).toEqual(model.cartRows());
          expect([...store.orders.values()]).toEqual(model.orderRows());
          expect(new Set(store.jobs.keys())).toEqual(model.jobs);
        });
      }),
      sampling,
    );
    // A script generator that no longer reaches an outcome would make this test weaker without a word. No script has
    // events enough to fill a cart.
    const reachable = Object.keys(cartOutcomes).filter((kind) => kind !== "cart_full");
    expect(reachable.filter((kind) => !seen.has(kind))).toEqual([]);
  });

  it("keeps stock, carts, orders and money in agreement", () => {
    const stories = new Set<string>();
    fc.assert(
      fc.property(cartScript, (script) => {
        const { store } = openSale(script);
        const makeId = countedIds();
        play(script, store, (commands, nowMs, provider) => {
          for (const command of commands) {
            const { outcomes } = store.transact([command], nowMs, makeId);
            for (const outcome of outcomes) stories.add(storyOf(command, outcome));
            checkBooks(store, provider, nowMs);
          }
        });
      }),
      sampling,
    );
    const told = [
      "begin_checkout: paid in time, none",
      "settle_order: paid in time, succeeded",
      "settle_order: paid late, succeeded",
      "settle_order: refunded late, refunding",
      "settle_order: declined in time, declined",
      "settle_order: declined late, declined",
      "settle_order: cancelled in time, never_charged",
      "refund_order: refunded in time, refunding",
      "refund_order: refunded late, refunding",
      "refund_order: refunded in time, none",
    ];
    expect(told.filter((story) => !stories.has(story))).toEqual([]);
  });

  it("gives the same outcomes and rows to commands decided together and one transaction each", () => {
    fc.assert(
      fc.property(cartScript, (script) => {
        const together = openSale(script).store;
        const oneByOne = openSale(script).store;
        const [togetherIds, singleIds] = [countedIds(), countedIds()];
        play(script, together, (commands, nowMs) => {
          const singly = commands.flatMap(
            (command) => oneByOne.transact([command], nowMs, singleIds).outcomes,
          );
          const { outcomes } = together.transact(commands, nowMs, togetherIds);
          expect(outcomes.map(withoutVersion)).toEqual(singly.map(withoutVersion));
          expect([...together.reservations.values()]).toEqual([...oneByOne.reservations.values()]);
          expect(together.carts).toEqual(oneByOne.carts);
          expect(together.orders).toEqual(oneByOne.orders);
          expect(together.jobs).toEqual(oneByOne.jobs);
        });
      }),
      sampling,
    );
  });

  it("changes nothing for a refusal, beyond tidying holds whose deadline has passed", () => {
    fc.assert(
      fc.property(cartScript, (script) => {
        const { store } = openSale(script);
        const makeId = countedIds();
        play(script, store, (commands, nowMs) => {
          for (const command of commands) {
            const before = new Map(store.reservations);
            const { outcomes, changes } = store.transact([command], nowMs, makeId);
            if (outcomes[0] === undefined || !isRefusal(outcomes[0])) continue;
            const { updated, events, unusedCarts, ...rest } = changes;
            expect(Object.values(rest).flat()).toEqual([]);
            for (const row of updated) {
              const past = before.get(row.id) ?? row;
              expect(row).toEqual({
                ...past,
                status: "expired",
                cause: "deadline_passed",
                releasedAtMs: nowMs,
              });
              expect(isOverdue(past, nowMs)).toBe(true);
            }
            expect(new Set(events.map(({ id }) => id))).toEqual(
              new Set(updated.map(({ eventId }) => eventId)),
            );
            const isFresh = command.kind === "put_cart_item" && !store.carts.has(command.cartId);
            expect(unusedCarts).toEqual(isFresh ? [command.cartId] : []);
          }
        });
      }),
      sampling,
    );
  });

  it("answers what is asked again with the same, and changes nothing the second time", () => {
    fc.assert(
      fc.property(cartScript, (script) => {
        const { store } = openSale(script);
        const makeId = countedIds();
        play(script, store, (commands, nowMs) => {
          for (const command of commands) {
            const first = store.transact([command], nowMs, makeId).outcomes[0];
            if (first === undefined || !isRepeatable(command, first)) continue;
            const again = store.transact([command], nowMs, makeId);
            expect(again.outcomes).toEqual([first]);
            expect(nonEmpty(again.changes)).toEqual([]);
          }
        });
      }),
      sampling,
    );
  });
});

function openSale({ events }: CartScript): { store: PlainStore; model: CartModel } {
  const store = new PlainStore();
  const model = new CartModel();
  for (const [userId, phone] of verifiedPhones) {
    store.phones.set(userId, phone);
    model.stock.phones.set(userId, phone);
  }
  for (const terms of events) {
    model.stock.addEvent(terms);
    store.events.set(terms.id, { ...terms, available: terms.capacity, held: 0, sold: 0, version: 1 });
  }
  return { store, model };
}

function play(
  { batches }: CartScript,
  store: PlainStore,
  onBatch: (commands: readonly StockCommand[], nowMs: number, provider: PlainProvider) => void,
): void {
  const provider = new PlainProvider();
  const orderId = countedOrderIds();
  let nowMs = startMs;
  for (const { advanceMs, choices } of batches) {
    nowMs += advanceMs;
    const commands = choices.map((choice) => cartCommandOf(choice, store, provider, orderId()));
    onBatch(commands, nowMs, provider);
  }
}

/** Whether a client that asks again, not knowing the answer, must find the same state without a key. */
function isRepeatable({ kind }: StockCommand, outcome: StockOutcome): boolean {
  const isRepeated = kind === "put_cart_item" || kind === "remove_cart_item";
  return (
    (isRepeated && outcome.kind === "cart_saved") ||
    (kind !== "begin_checkout" && outcome.kind === "order_settled")
  );
}

/** How an order ended, and whether it was settled while its tickets were still kept. */
function storyOf({ kind }: StockCommand, outcome: StockOutcome): string {
  if (outcome.kind !== "order_settled") return "not settled";
  const { status, payment, settledAtMs, holdUntilMs } = outcome.order;
  const when = (settledAtMs ?? 0) < holdUntilMs ? "in time" : "late";
  return `${kind}: ${status} ${when}, ${payment.status}`;
}

function nonEmpty(changes: StockChanges): unknown[] {
  return Object.values(changes).flat();
}

function countedIds(): () => string {
  let made = 0;
  return () => `reservation-${(made += 1)}`;
}

function countedOrderIds(): () => string {
  let made = 0;
  return () => `01900000-0000-7000-8000-${String((made += 1)).padStart(12, "0")}`;
}

/** Versions count transactions, which the model does not know and which differ with the size of the batches. */
function withoutVersion(outcome: StockOutcome): unknown {
  if (outcome.kind !== "event_changed") return outcome;
  const { version: _left, ...event } = outcome.event;
  return { ...outcome, event };
}
