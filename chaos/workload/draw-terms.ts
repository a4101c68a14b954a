import type { SeededRandom } from "../seeded-random.ts";
import type { NewEvent } from "./shop-calls.ts";

/**
 * What is sold: a rush for few free tickets; tickets with a price; holds of a second; tickets for verified phones only;
 * tickets that a supplier delivers more of; a larger event; and one that hardly anybody comes to.
 */
export const eventKinds = ["rush", "priced", "brief", "verified", "restock", "large", "quiet"] as const;

export type EventKind = (typeof eventKinds)[number];

/** The events that buyers crowd for, and that anybody may buy tickets of. */
export const openKinds: readonly EventKind[] = ["rush", "priced", "brief", "restock", "large"];

/** Draws the terms of an event of a kind. @param number becomes a part of its name */
export function drawTerms(kind: EventKind, random: SeededRandom, number: number): NewEvent {
  const common = {
    name: `Chaos ${kind} ${number}`,
    max_quantity: 4,
    max_extensions: random.between(0, 2),
    price_cents: 0,
    requires_verified_phone: false,
    restock: null,
  };
  switch (kind) {
    case "rush":
      return { ...common, capacity: random.between(20, 40), hold_seconds: random.between(2, 3) };
    case "priced":
      return {
        ...common,
        capacity: random.between(30, 80),
        hold_seconds: random.between(2, 3),
        price_cents: random.choose([500, 999, 12_345]),
      };
    case "brief":
      return { ...common, capacity: random.between(20, 60), hold_seconds: 1 };
    case "verified":
      return {
        ...common,
        capacity: random.between(20, 30),
        hold_seconds: random.between(2, 3),
        requires_verified_phone: true,
      };
    case "restock":
      return {
        ...common,
        capacity: random.between(20, 30),
        hold_seconds: random.between(1, 3),
        restock: { threshold: 5, quantity: random.between(5, 15), supplier_url: "demo:" },
      };
    case "large":
      return {
        ...common,
        capacity: random.between(100, 200),
        hold_seconds: random.between(1, 3),
        price_cents: random.choose([0, 250]),
      };
    case "quiet":
      // More than anybody takes: where tickets run short, whoever asks for one releases what is overdue.
      return { ...common, capacity: 1_000, hold_seconds: random.between(1, 2) };
  }
}
