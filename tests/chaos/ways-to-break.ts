import type { Invariant } from "../../chaos/model/verdict.ts";
import type { BrokenRun } from "./broken-run.ts";
import { need } from "./broken-run.ts";

export interface Way {
  readonly promise: Invariant;
  readonly way: string;
  readonly spoil: (run: BrokenRun) => void;
}

const second = 1_000;

export const waysToLose: readonly Way[] = [
  [
    "an acknowledged hold is not there",
    (run: BrokenRun) => run.remove("reservations", ({ id }) => id === run.id("gil")),
  ],
  ["it is another user's", (run: BrokenRun) => (run.reservation("gil").userId = "eve")],
  ["it is of another event", (run: BrokenRun) => (run.reservation("gil").eventId = run.id("small"))],
  ["it is of fewer tickets", (run: BrokenRun) => (run.reservation("ann").quantity = 1)],
  [
    "a confirmation is not there",
    (run: BrokenRun) =>
      Object.assign(run.reservation("ann"), {
        status: "expired",
        confirmedAtMs: null,
        releasedAtMs: run.books.readAtMs,
      }),
  ],
  [
    "somebody else confirmed it",
    (run: BrokenRun) => (run.entry("invoke", "confirm", ({ user }) => user === "ann").user = "thief"),
  ],
  ["an extension is not there", (run: BrokenRun) => (run.reservation("ann").extendedAtMs = [])],
  ["its deadline was taken back", (run: BrokenRun) => (run.reservation("ann").expiresAtMs -= second)],
  [
    "a cancellation is not there",
    (run: BrokenRun) => Object.assign(run.reservation("bob"), { status: "confirmed", releasedAtMs: null }),
  ],
  [
    "a hold ended before its deadline",
    (run: BrokenRun) => {
      const row = run.reservation("cid");
      row.releasedAtMs = row.expiresAtMs - 500;
    },
  ],
  ["a cart is not there", (run: BrokenRun) => run.remove("carts", ({ id }) => id === "cart-dan")],
  [
    "a cart is another user's",
    (run: BrokenRun) => (need(run.books.carts.find(({ id }) => id === "cart-dan")).userId = "eve"),
  ],
  [
    "an item of a cart is not there",
    (run: BrokenRun) =>
      run.remove("reservations", ({ cartId, quantity }) => cartId === "cart-dan" && quantity === 1),
  ],
  [
    "what was taken out of a cart is still held",
    (run: BrokenRun) => Object.assign(run.reservationOf("cart-eve"), { status: "held", releasedAtMs: null }),
  ],
  ["an order is not there", (run: BrokenRun) => run.remove("orders", ({ id }) => id === run.id("order-dan"))],
  ["an order went back", (run: BrokenRun) => (run.order("order-eve").status = "pending")],
  [
    "a paid order's tickets are not sold",
    (run: BrokenRun) => {
      const row = need(
        run.books.reservations.find(({ id }) => id === run.order("order-fay").items[0]?.reservationId),
      );
      Object.assign(row, { status: "expired", confirmedAtMs: null, releasedAtMs: row.expiresAtMs });
    },
  ],
  ["a refund is not there", (run: BrokenRun) => (run.order("order-dan").status = "paid")],
  ["a customer is not there", (run: BrokenRun) => run.remove("customers", ({ id }) => id === run.id("hal"))],
  ["a verification is not there", (run: BrokenRun) => (run.customer("hal").verifiedAtMs = null)],
  ["a wrong code does not count", (run: BrokenRun) => (need(run.books.verifications[0]).wrongAttempts = 0)],
  [
    "a delivery is not there",
    (run: BrokenRun) =>
      Object.assign(need(run.books.restocks.find(({ id }) => id === run.id("restock"))), {
        status: "placed",
        deliveredAtMs: null,
      }),
  ],
  ["an event is not there", (run: BrokenRun) => run.remove("events", ({ id }) => id === run.id("verified"))],
  [
    "a change of terms is not there",
    (run: BrokenRun) => run.remove("audits", ({ action }) => action === "changed"),
  ],
  [
    "what was read of a reservation was never so",
    (run: BrokenRun) => {
      const entry = run.entry("ok", "read", ({ subject }) => subject === run.id("ann"));
      run.answer(entry, { id: "reservation-unknown" });
    },
  ],
].map(toWay("lost"));

export const waysToSurprise: readonly Way[] = [
  [
    "a reservation that nobody asked for",
    (run: BrokenRun) =>
      run.copy(run.books.reservations, run.reservation("gil"), { id: "new", userId: "stranger" }),
  ],
  [
    "a reservation of before it was asked for",
    (run: BrokenRun) =>
      run.copy(run.books.reservations, run.reservation("cid"), {
        id: "new",
        createdAtMs: run.reservation("cid").createdAtMs - 1_500,
      }),
  ],
  [
    "a cart's hold that nobody asked for",
    (run: BrokenRun) =>
      run.copy(run.books.reservations, run.reservationOf("cart-eve"), {
        id: "new",
        eventId: run.id("small"),
      }),
  ],
  ["a cart's hold of another quantity", (run: BrokenRun) => (run.reservationOf("cart-eve").quantity = 4)],
  [
    "a confirmation that nobody asked for",
    (run: BrokenRun) =>
      Object.assign(run.reservation("hold-hal"), {
        status: "confirmed",
        confirmedAtMs: run.reservation("hold-hal").createdAtMs,
      }),
  ],
  [
    "a cancellation that nobody asked for",
    (run: BrokenRun) =>
      Object.assign(run.reservation("gil"), { status: "cancelled", releasedAtMs: run.books.readAtMs }),
  ],
  ["a cart's tickets sold without an order", (run: BrokenRun) => (run.order("order-fay").paidAtMs = null)],
  [
    "a cart's tickets given back by nobody",
    (run: BrokenRun) => (run.reservationOf("cart-eve").releasedAtMs = run.books.readAtMs),
  ],
  [
    "a cart that nobody filled",
    (run: BrokenRun) => run.copy(run.books.carts, need(run.books.carts[0]), { id: "new" }),
  ],
  [
    "an order that nobody made",
    (run: BrokenRun) => run.copy(run.books.orders, run.order("order-dan"), { id: "new", cartId: "cart-gil" }),
  ],
  [
    "a charge without an order",
    (run: BrokenRun) => run.copy(run.books.payments, run.payment("order-dan"), { key: "new" }),
  ],
  [
    "a customer who did not sign up",
    (run: BrokenRun) =>
      run.copy(run.books.customers, run.customer("hal"), { id: "new", phoneNumber: "+14155550199" }),
  ],
  [
    "a delivery that nobody reported",
    (run: BrokenRun) =>
      Object.assign(need(run.books.restocks.find(({ eventId }) => eventId === run.id("small"))), {
        deliveredAtMs: run.books.readAtMs,
      }),
  ],
].map(toWay("unexpected"));

export const waysToBreakStock: readonly Way[] = [
  ...[
    [
      "a sample shows more taken than there is",
      (run: BrokenRun) => spoilSample(run, { capacity: 3, available: -1, held: 2, sold: 2 }),
    ],
    [
      "a sample shows a count below zero",
      (run: BrokenRun) => spoilSample(run, { capacity: 3, available: 4, held: -1, sold: 0 }),
    ],
    [
      "rows take more than there was, and nothing shows it later",
      (run: BrokenRun) => {
        const beginMs = run.reservation("cid").createdAtMs;
        run.copy(run.books.reservations, run.reservation("cid"), {
          id: "new",
          userId: "dee",
          createdAtMs: beginMs,
          quantity: 1,
        });
      },
    ],
    [
      "rows take more than there was before a delivery",
      (run: BrokenRun) => {
        const createdAtMs = run.reservation("gil").createdAtMs + 50;
        const changes = { id: "new", userId: "dee", quantity: 12, status: "expired", createdAtMs } as const;
        run.copy(run.books.reservations, run.reservation("cid"), {
          ...changes,
          eventId: run.id("large"),
          releasedAtMs: createdAtMs + 100,
        });
      },
    ],
  ].map(toWay("oversold")),
  ...[
    [
      "a sample's counts do not add up",
      (run: BrokenRun) => spoilSample(run, { capacity: 3, available: 1, held: 0, sold: 1 }),
    ],
    [
      "an answer's counts do not add up",
      (run: BrokenRun) => {
        const entry = run.entry("ok", "change_event", ({ event }) => event === run.id("large"));
        run.answer(entry, { available: 11 });
      },
    ],
    [
      "an answer's list has an event whose counts do not add up",
      (run: BrokenRun) => {
        const data = [{ id: run.id("large"), capacity: 20, available: 20, held: 1, sold: 1 }];
        run.answer(
          run.entry("ok", "read", ({ subject }) => subject === null),
          { data },
        );
      },
    ],
    ["the counters do not add up at the end", (run: BrokenRun) => (run.event("small").available += 1)],
    [
      "the counters are not what the reservations add up to",
      (run: BrokenRun) => {
        run.event("large").available -= 1;
        run.event("large").held += 1;
      },
    ],
  ].map(toWay("conserved")),
  ...[
    [
      "of one user",
      (run: BrokenRun) =>
        run.copy(run.books.reservations, run.reservation("gil"), {
          id: "new",
          createdAtMs: run.reservation("gil").createdAtMs + 50,
        }),
    ],
    [
      "of one user, and the first soon ended",
      (run: BrokenRun) => {
        const { createdAtMs } = run.reservation("gil");
        const ended = {
          id: "new",
          status: "expired",
          createdAtMs: createdAtMs - 10,
          releasedAtMs: createdAtMs + 1,
        } as const;
        run.copy(run.books.reservations, run.reservation("gil"), { ...ended, confirmedAtMs: null });
      },
    ],
    [
      "of one phone",
      (run: BrokenRun) =>
        run.copy(run.books.reservations, run.reservation("hold-hal"), { id: "new", userId: "other" }),
    ],
  ].map(toWay("duplicate_active")),
];

function spoilSample(run: BrokenRun, counts: object): void {
  const sample = need(run.entries.find((entry) => entry.type === "sample" && entry.stock.length > 0));
  Object.assign(sample, { stock: [{ event: run.id("small"), ...counts }] });
}

export function toWay(promise: Invariant) {
  return ([way, spoil]: (string | ((run: BrokenRun) => unknown))[]): Way => {
    if (typeof way !== "string" || typeof spoil !== "function")
      throw new Error("A way has a name and a deed.");
    return { promise, way, spoil: (run) => void spoil(run) };
  };
}
