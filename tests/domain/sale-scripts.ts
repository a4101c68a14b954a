import fc from "fast-check";
import type { EventChange, Requester } from "../../api/domain/commands.ts";
import type { SaleCommand, Terms } from "./stock-model.ts";

/** A command whose reservation is chosen when it runs, from those that exist then. */
export type SaleChoice =
  | { readonly kind: "hold"; readonly event: number; readonly user: number; readonly quantity: number }
  | {
      readonly kind: "confirm" | "extend" | "cancel" | "expire";
      readonly pick: number;
      readonly as: "service" | "owner" | "stranger";
      readonly where: "its event" | "another event";
    }
  | { readonly kind: "change_event"; readonly event: number; readonly change: EventChange }
  | { readonly kind: "set_paused"; readonly event: number; readonly reason: string | null };

/** Commands that are decided together, some time after the ones before. */
interface Batch {
  readonly advanceMs: number;
  readonly choices: readonly SaleChoice[];
}

export interface SaleScript {
  readonly events: readonly Terms[];
  readonly batches: readonly Batch[];
}

export const startMs = Date.UTC(2030, 0, 1);
const eventsMax = 3;

/** Two users share a phone, which no two accounts do: the rules hold all the same. Others have none. */
export const verifiedPhones: ReadonlyMap<string, string> = new Map([
  ["user-0", "+4915112345670"],
  ["user-1", "+4915112345670"],
  ["user-2", "+4915112345672"],
]);

const salesTime = fc.option(
  fc.integer({ min: -3, max: 12 }).map((seconds) => startMs + seconds * 1000),
  { freq: 3 },
);
const salesWindow = fc
  .tuple(salesTime, salesTime)
  .filter(([start, end]) => start === null || end === null || start < end);

const terms = fc
  .record({
    capacity: fc.integer({ min: 0, max: 6 }),
    holdSeconds: fc.integer({ min: 1, max: 4 }),
    maxQuantity: fc.integer({ min: 1, max: 3 }),
    maxExtensions: fc.integer({ min: 0, max: 2 }),
    priceCents: fc.constantFrom(0, 0, 1500),
    requiresVerifiedPhone: fc.constantFrom(false, false, true),
    window: fc.oneof(
      { weight: 3, arbitrary: fc.constant([null, null] as const) },
      { weight: 1, arbitrary: salesWindow },
    ),
  })
  .map(({ window: [salesStartAtMs, salesEndAtMs], ...rest }) => ({ ...rest, salesStartAtMs, salesEndAtMs }));

const change: fc.Arbitrary<EventChange> = fc.record(
  {
    name: fc.constantFrom("Friday", "Saturday"),
    capacity: fc.integer({ min: 0, max: 8 }),
    priceCents: fc.constantFrom(0, 1500),
    holdSeconds: fc.integer({ min: 1, max: 4 }),
    maxQuantity: fc.integer({ min: 1, max: 3 }),
    maxExtensions: fc.integer({ min: 0, max: 2 }),
    requiresVerifiedPhone: fc.boolean(),
    salesStartAtMs: salesTime,
    salesEndAtMs: salesTime,
  },
  { requiredKeys: [] },
);

const event = fc.integer({ min: 0, max: eventsMax });
const pick = fc.nat({ max: 40 });
const hold = fc.record({
  kind: fc.constant("hold" as const),
  event,
  user: fc.integer({ min: 0, max: 4 }),
  quantity: fc.integer({ min: 1, max: 4 }),
});
const onReservation = fc.record({
  kind: fc.constantFrom("confirm" as const, "extend" as const, "cancel" as const, "expire" as const),
  pick,
  as: fc.constantFrom("service" as const, "owner" as const, "owner" as const, "stranger" as const),
  where: fc.constantFrom(
    "its event" as const,
    "its event" as const,
    "its event" as const,
    "another event" as const,
  ),
});
const onEvent = fc.oneof(
  fc.record({ kind: fc.constant("change_event" as const), event, change }),
  fc.record({
    kind: fc.constant("set_paused" as const),
    event,
    reason: fc.constantFrom(null, null, "fire alarm", "mistake"),
  }),
);

/** Holds last whole seconds, so these steps meet many deadlines exactly, just before and just after. */
export const advanceMs = fc.constantFrom(0, 0, 1, 500, 999, 1000, 1000, 1001, 2000, 4000);

export const saleChoice: fc.Arbitrary<SaleChoice> = fc.oneof(
  { weight: 6, arbitrary: hold },
  { weight: 6, arbitrary: onReservation },
  { weight: 1, arbitrary: onEvent },
);

const batch: fc.Arbitrary<Batch> = fc.record({
  advanceMs,
  choices: fc.array(saleChoice, { minLength: 1, maxLength: 8 }),
});

export const saleEvents = fc
  .array(terms, { minLength: 1, maxLength: eventsMax })
  .map((all) => all.map((each, index) => completeTerms(each, index)));

/** Sales of up to three events, with commands of every kind and time that moves between them. */
export const saleScript: fc.Arbitrary<SaleScript> = fc.record({
  events: saleEvents,
  batches: fc.array(batch, { minLength: 1, maxLength: 30 }),
});

/** Turns a choice into a command about what exists now. */
export function commandOf(
  choice: SaleChoice,
  known: readonly { id: string; eventId: string; userId: string }[],
): SaleCommand {
  switch (choice.kind) {
    case "hold":
      return {
        kind: "hold",
        eventId: eventId(choice.event),
        userId: `user-${choice.user}`,
        quantity: choice.quantity,
      };
    case "change_event":
      return { kind: "change_event", eventId: eventId(choice.event), change: choice.change, actor: "key 1" };
    case "set_paused":
      return { kind: "set_paused", eventId: eventId(choice.event), reason: choice.reason, actor: "key 1" };
    default: {
      const target = known[choice.pick] ?? known[choice.pick % Math.max(1, known.length)];
      const named = target ?? { id: "unknown", eventId: eventId(0), userId: "nobody" };
      const otherEvent = named.eventId === eventId(0) ? eventId(1) : eventId(0);
      const isElsewhere = choice.where === "another event";
      const place = { eventId: isElsewhere ? otherEvent : named.eventId, reservationId: named.id };
      if (choice.kind === "expire") return { kind: "expire", ...place };
      return { kind: choice.kind, ...place, requester: requesterOf(choice.as, named.userId) };
    }
  }
}

function requesterOf(as: "service" | "owner" | "stranger", ownerId: string): Requester {
  if (as === "service") return { role: "service" };
  return { role: "buyer", userId: as === "owner" ? ownerId : "stranger" };
}

function eventId(index: number): string {
  return `event-${index}`;
}

function completeTerms(
  given: Pick<
    Terms,
    | "capacity"
    | "holdSeconds"
    | "maxQuantity"
    | "maxExtensions"
    | "priceCents"
    | "requiresVerifiedPhone"
    | "salesStartAtMs"
    | "salesEndAtMs"
  >,
  index: number,
): Terms {
  return {
    ...given,
    id: eventId(index),
    number: index + 1,
    name: `Concert ${index}`,
    pausedReason: null,
    currency: "USD",
    restock: null,
    restockOrderId: null,
    restockHeldBack: false,
    createdAtMs: startMs,
  };
}
