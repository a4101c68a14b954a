import fc, { type Arbitrary } from "fast-check";
import { printableText } from "./any-text.ts";
import { type KnownKind, type StandIn, standIn, type Template } from "./plan.ts";

/** Stands for something of the run, whichever comes. */
export function anyOf(kind: StandIn): Arbitrary<Template> {
  return fc.nat(1_000_000).map((n) => standIn(kind, n));
}

const nobody = "00000000-0000-4000-8000-000000000000";

/** An id that often leads to something: mostly of its own kind, sometimes of another, sometimes of nothing. */
export function idOf(kind: StandIn): Arbitrary<Template> {
  return fc.oneof(
    { weight: 16, arbitrary: anyOf(kind) },
    { weight: 1, arbitrary: anyOf("any_id") },
    { weight: 1, arbitrary: fc.uuid() },
    { weight: 1, arbitrary: fc.constant(nobody) },
  );
}

/** The kind of thing that a parameter of a path or a query names; null for none that is known. */
export function kindOfParameter(name: string): KnownKind | null {
  const kinds: Readonly<Record<string, KnownKind>> = {
    event_id: "event",
    reservation_id: "reservation",
    cart_id: "cart",
    order_id: "order",
    customer_id: "customer",
    restock_order_id: "restock_order",
    webhook_endpoint_id: "webhook_endpoint",
    message_id: "message",
    api_key_id: "api_key",
    id: "job",
  };
  return kinds[name] ?? null;
}

const users = fc.oneof(
  { weight: 6, arbitrary: anyOf("self") },
  { weight: 2, arbitrary: anyOf("user") },
  { weight: 1, arbitrary: printableText(1, 12) },
);

/** Only this machine is named, so that a run never speaks to anybody else. */
const addresses = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("/ok", "/bad", "/gone").map((path) => `${standIn("receiver", 0)}${path}`),
  },
  { weight: 1, arbitrary: fc.constant("http://127.0.0.1:9/closed") },
);

const instants = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  {
    weight: 1,
    arbitrary: fc
      .date({ min: new Date("2000-01-01"), max: new Date("2060-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
);

const emailAddresses = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("ada@example.org", "grace.hopper+tickets@example.com") },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z]{1,40}$/).map((name) => `${name}@example.org`) },
);

/**
 * Values of single members that lead deep into the service, where the schema alone would seldom lead: ids of things that
 * exist, tickets that are on sale, cards that can be charged.
 */
export const likelyValues: ReadonlyMap<string, Arbitrary<unknown>> = new Map<string, Arbitrary<unknown>>([
  ["user_id", users],
  ["email", emailAddresses],
  ["phone_number", anyOf("phone")],
  ["verification_code", fc.oneof(anyOf("code"), fc.stringMatching(/^[0-9]{6}$/))],
  ["request_id", fc.oneof({ weight: 4, arbitrary: anyOf("fresh") }, { weight: 1, arbitrary: anyOf("user") })],
  // Never the one that is asked over the network.
  ["provider", fc.constant("demo")],
  [
    "token",
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("tok_ok", "tok_ok", "tok_ok", "tok_declined") },
      { weight: 1, arbitrary: fc.stringMatching(/^[\w-]{1,255}$/) },
    ),
  ],
  ["url", addresses],
  [
    "supplier_url",
    fc.oneof({ weight: 3, arbitrary: fc.constant("demo:") }, { weight: 1, arbitrary: addresses }),
  ],
  ["restock_order_id", idOf("restock_order")],
  ["event_id", idOf("event")],
  ["customer_id", idOf("customer")],
  ["starting_after", anyOf("any_id")],
  ["ending_before", anyOf("any_id")],
  ["sales_start_at", instants],
  ["sales_end_at", instants],
  // Events that cannot sell are plenty without this.
  [
    "capacity",
    fc.oneof(
      { weight: 1, arbitrary: fc.nat(3) },
      { weight: 4, arbitrary: fc.integer({ min: 10, max: 10_000_000 }) },
    ),
  ],
  [
    "quantity",
    fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.integer({ min: 1, max: 20 })),
  ],
  ["hold_seconds", fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 60, max: 86_400 }))],
  ["search", fc.oneof(fc.constantFrom("event", "a", "50%_", "'\"\\"), printableText(1, 20))],
  ["after", fc.nat(2_000).map(String)],
  [
    "queue",
    fc.constantFrom("settle-payment", "send-code", "deliver-webhook", "place-restock-order", "send-receipt"),
  ],
]);
