import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StockOutcome } from "../../api/domain/commands.ts";
import { isOverdue, type Reservation } from "../../api/domain/reservation.ts";
import { isRefusal, saleOutcomes } from "./outcome-kinds.ts";
import { PlainStore } from "./plain-store.ts";
import { commandOf, saleScript, type SaleScript, startMs, verifiedPhones } from "./sale-scripts.ts";
import { type SaleCommand, StockModel } from "./stock-model.ts";

const sampling = { numRuns: 600 };

describe("any sale, whatever is asked in whatever order", () => {
  it("has the outcomes of the model, and the stock of the model, after every batch", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(saleScript, (script) => {
        const { store, model } = openSale(script);
        const [storeIds, modelIds] = [countedIds(), countedIds()];
        play(script, store, (commands, nowMs) => {
          model.touched.clear();
          const versions = new Map([...store.events].map(([id, event]) => [id, event.version]));
          const expected = commands.map((command) => model.run(command, nowMs, modelIds));
          const { outcomes, changes } = store.transact(commands, nowMs, storeIds);
          for (const { kind } of outcomes) seen.add(kind);

          expect(outcomes.map(withoutVersion)).toEqual(expected);
          expect(new Set(changes.events.map(({ id }) => id))).toEqual(model.touched);
          for (const event of store.events.values()) {
            const rise = model.touched.has(event.id) ? 1 : 0;
            expect(event.version).toBe((versions.get(event.id) ?? 0) + rise);
            expect(withoutMember(event, "version")).toEqual(model.eventAsSeen(event.id));
          }
          expect([...store.reservations.values()]).toEqual(model.reservations);
          expect(store.audits).toEqual(model.audits);
        });
      }),
      sampling,
    );
    // A script generator that no longer reaches an outcome would make this test weaker without a word.
    expect([...seen].sort()).toEqual(Object.keys(saleOutcomes).sort());
  });

  it("keeps available + held + sold = capacity, each what the reservations add up to, one active for each user and each phone", () => {
    fc.assert(
      fc.property(saleScript, (script) => {
        const { store } = openSale(script);
        const makeId = countedIds();
        play(script, store, (commands, nowMs) => {
          store.transact(commands, nowMs, makeId);
          for (const event of store.events.values()) {
            const rows = [...store.reservations.values()].filter(({ eventId }) => eventId === event.id);
            const sum = (status: string) =>
              rows.reduce((total, row) => total + (row.status === status ? row.quantity : 0), 0);
            expect(event).toMatchObject({ held: sum("held"), sold: sum("confirmed") });
            expect(event.available + event.held + event.sold).toBe(event.capacity);
            expect(Math.min(event.available, event.held, event.sold)).toBeGreaterThanOrEqual(0);
            const owners = rows.filter(isActive).map(({ userId }) => userId);
            expect(owners).toEqual([...new Set(owners)]);
            const phones = rows.filter(isActive).flatMap(({ verifiedPhone }) => verifiedPhone ?? []);
            expect(phones).toEqual([...new Set(phones)]);
          }
        });
      }),
      sampling,
    );
  });

  it("gives the same outcomes and rows to commands decided together and one transaction each", () => {
    fc.assert(
      fc.property(saleScript, (script) => {
        const together = openSale(script).store;
        const oneByOne = together.copy();
        const [togetherIds, singleIds] = [countedIds(), countedIds()];
        play(script, together, (commands, nowMs) => {
          const singly = commands.map(
            (command) => oneByOne.transact([command], nowMs, singleIds).outcomes[0],
          );
          const { outcomes } = together.transact(commands, nowMs, togetherIds);
          expect(outcomes.map(withoutVersion)).toEqual(singly.map(withoutVersion));
          expect([...together.reservations.values()]).toEqual([...oneByOne.reservations.values()]);
          expect([...together.events.values()].map((event) => withoutMember(event, "version"))).toEqual(
            [...oneByOne.events.values()].map((event) => withoutMember(event, "version")),
          );
          expect(together.audits).toEqual(oneByOne.audits);
        });
      }),
      sampling,
    );
  });

  it("changes nothing for a refusal, beyond tidying holds whose deadline has passed", () => {
    fc.assert(
      fc.property(saleScript, (script) => {
        const { store } = openSale(script);
        const makeId = countedIds();
        play(script, store, (commands, nowMs) => {
          for (const command of commands) {
            const before = new Map(store.reservations);
            const { outcomes, changes } = store.transact([command], nowMs, makeId);
            if (outcomes[0] === undefined || !isRefusal(outcomes[0])) continue;
            expect(changes.inserted).toEqual([]);
            expect(changes.termsChanged).toEqual([]);
            expect(changes.audits).toEqual([]);
            for (const row of changes.updated) {
              expect(row).toMatchObject({ status: "expired", cause: "deadline_passed", releasedAtMs: nowMs });
              expect(isOverdue(before.get(row.id) ?? row, nowMs)).toBe(true);
            }
            const tidied = new Set(changes.updated.map(({ eventId }) => eventId));
            expect(new Set(changes.events.map(({ id }) => id))).toEqual(tidied);
          }
        });
      }),
      sampling,
    );
  });

  it("answers a repeated confirm or cancel with the same reservation, and changes nothing the second time", () => {
    fc.assert(
      fc.property(saleScript, (script) => {
        const { store } = openSale(script);
        const makeId = countedIds();
        play(script, store, (commands, nowMs) => {
          for (const command of commands) {
            const first = store.transact([command], nowMs, makeId).outcomes[0];
            if (first?.kind !== "confirmed" && first?.kind !== "cancelled") continue;
            const again = store.transact([command], nowMs + 1, makeId);
            expect(again.outcomes).toEqual([first]);
            expect(Object.values(again.changes).flat()).toEqual([]);
          }
        });
      }),
      sampling,
    );
  });
});

function openSale({ events }: SaleScript): { store: PlainStore; model: StockModel } {
  const store = new PlainStore();
  const model = new StockModel();
  for (const [userId, phone] of verifiedPhones) {
    store.phones.set(userId, phone);
    model.phones.set(userId, phone);
  }
  for (const terms of events) {
    model.addEvent(terms);
    store.events.set(terms.id, { ...terms, available: terms.capacity, held: 0, sold: 0, version: 1 });
  }
  return { store, model };
}

function play(
  { batches }: SaleScript,
  store: PlainStore,
  onBatch: (commands: readonly SaleCommand[], nowMs: number) => void,
): void {
  let nowMs = startMs;
  for (const { advanceMs, choices } of batches) {
    nowMs += advanceMs;
    const known = [...store.reservations.values()];
    onBatch(
      choices.map((choice) => commandOf(choice, known)),
      nowMs,
    );
  }
}

function countedIds(): () => string {
  let made = 0;
  return () => `reservation-${(made += 1)}`;
}

/** Versions count transactions, which the model does not know and which differ with the size of the batches. */
function withoutVersion(outcome: StockOutcome | undefined) {
  return outcome?.kind === "event_changed"
    ? { ...outcome, event: withoutMember(outcome.event, "version") }
    : outcome;
}

function withoutMember<Value extends object, Name extends keyof Value>(
  value: Value,
  name: Name,
): Omit<Value, Name> {
  const { [name]: _left, ...rest } = value;
  return rest;
}

function isActive({ status }: Reservation): boolean {
  return status === "held" || status === "confirmed";
}
