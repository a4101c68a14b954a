import type { DatabaseName } from "../database/bench-databases.ts";
import type { LoadKind } from "../load/load-plan.ts";
import type { ArmServerKind } from "./arm-messages.ts";

/** One thing that is measured: a server, the data it works on and the load on it. */
export interface Arm {
  readonly name: string;
  readonly what: string;
  readonly server: ArmServerKind;
  readonly database: DatabaseName;
  readonly load: LoadKind;
  /** The answer that counts. */
  readonly countedStatus: number;
  readonly events: "one" | "sold_out" | "thousand" | "thirty" | "one_with_history";
  /** Size of the pool, for the naive server. */
  readonly poolConnections?: number;
  /** Replaces --connections. */
  readonly connections?: number;
  /** Whether 100,000 other holds are there, and whether they end during the measurement. */
  readonly otherHolds?: "staying" | "expiring";
  /** Whether other carts end during the measurement. */
  readonly otherCarts?: "expiring";
}

/** Fewer than for the rates, so that latency is the service's more than the line's. */
const latencyConnections = 64;

const deskHold = {
  server: "desk",
  database: "desk",
  load: "hold",
  countedStatus: 201,
  events: "one",
} as const;

const checkout = {
  server: "desk",
  database: "desk",
  load: "checkout",
  countedStatus: 201,
  events: "thirty",
} as const;

const naivePoolSizes = [1, 2, 4, 8];

/** Every arm, in the order of the first round. Arms that are compared stand near each other. */
export const armCatalog: readonly Arm[] = [
  ...naivePoolSizes.map((size): Arm => ({
    ...deskHold,
    name: `naive-${size}`,
    what: `a transaction for each hold, pool of ${size}`,
    server: "naive",
    database: "naive",
    poolConnections: size,
  })),
  { ...deskHold, name: "noop", what: "the same route, nothing behind it", server: "noop", database: "noop" },
  {
    ...deskHold,
    name: "sold-out",
    what: "refusals of a sold-out event",
    countedStatus: 409,
    events: "sold_out",
  },
  { ...deskHold, name: "desk", what: "holds on one event" },
  { ...deskHold, name: "spread", what: "holds on 1,000 events, Zipf 1.0", events: "thousand" },
  {
    ...deskHold,
    name: "history",
    what: "holds beside old reservations",
    database: "history",
    events: "one_with_history",
  },
  { ...deskHold, name: "life", what: "hold, then confirm", load: "life", countedStatus: 200 },
  { ...deskHold, name: "keyed", what: "holds with Idempotency-Key", load: "keyed_hold" },
  {
    ...deskHold,
    name: "calm",
    what: "holds beside other holds that stay",
    connections: latencyConnections,
    otherHolds: "staying",
  },
  {
    ...deskHold,
    name: "expiring",
    what: "holds while other holds expire",
    connections: latencyConnections,
    otherHolds: "expiring",
  },
  { ...checkout, name: "checkout", what: "checkouts of carts with three items each" },
  {
    ...checkout,
    name: "checkout-expiring",
    what: "the same while 1,000 other carts expire",
    otherCarts: "expiring",
  },
];
