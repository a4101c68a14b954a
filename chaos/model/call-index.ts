import type { Call } from "./call.ts";
import { userOf } from "./call.ts";
import { groupBy, pairName } from "./book-index.ts";

/** The calls of a run by what they are about. */
export class CallIndex {
  /** By event and user. */
  readonly holds: ReadonlyMap<string, readonly Call[]>;
  /** Confirm, extend and cancel, by the reservation or cart that they name. */
  readonly changes: ReadonlyMap<string, readonly Call[]>;
  /** By cart and event. */
  readonly puts: ReadonlyMap<string, readonly Call[]>;
  readonly removals: ReadonlyMap<string, readonly Call[]>;
  readonly putsOfCart: ReadonlyMap<string, readonly Call[]>;
  /** By cart. */
  readonly checkOuts: ReadonlyMap<string, readonly Call[]>;
  /** By order. */
  readonly refunds: ReadonlyMap<string, readonly Call[]>;
  /** By whom they are about. */
  readonly signUps: ReadonlyMap<string, readonly Call[]>;
  /** By customer. */
  readonly attempts: ReadonlyMap<string, readonly Call[]>;
  /** By restock order. */
  readonly deliveries: ReadonlyMap<string, readonly Call[]>;
  /** Changes of an event that is there already. */
  readonly eventChanges: ReadonlyMap<string, readonly Call[]>;
  readonly all: readonly Call[];

  constructor(calls: Iterable<Call>) {
    const all = [...calls];
    this.all = all;
    const group = (f: readonly Call["f"][], nameOf: (call: Call) => string | null) =>
      groupBy(
        all.filter((call) => f.includes(call.f)),
        nameOf,
      );
    this.holds = group(["hold"], (call) => pairOf(call.event, userOf(call)));
    this.changes = group(["confirm", "extend", "cancel"], ({ subject }) => subject);
    this.puts = group(["put_item"], ({ subject, event }) => pairOf(subject, event));
    this.removals = group(["remove_item"], ({ subject, event }) => pairOf(subject, event));
    this.putsOfCart = group(["put_item"], ({ subject }) => subject);
    this.checkOuts = group(["check_out"], ({ subject }) => subject);
    this.refunds = group(["refund"], ({ subject }) => subject);
    this.signUps = group(["sign_up"], ({ asked }) => asked.identity);
    this.attempts = group(["verify"], ({ subject }) => subject);
    this.deliveries = group(["deliver"], ({ asked, subject }) => asked.restockOrderId ?? subject);
    this.eventChanges = group(["change_event"], ({ event }) => event);
  }
}

function pairOf(one: string | null, other: string | null): string | null {
  return one === null || other === null ? null : pairName(one, other);
}
