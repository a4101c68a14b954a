import { describe, expect, test } from "vitest";
import { webhookEventTypes } from "../../api/contract/webhook-endpoints.ts";
import type { Reservation } from "../../api/domain/reservation.ts";
import { listenedTypesOf, noticesOf, subjectIdOf } from "../../api/domain/webhook-notices.ts";
import type { StockChanges } from "../../api/domain/stock-books.ts";
import { sampleOrder } from "./cart-samples.ts";
import { nowMs, sampleEvent, sampleReservation } from "./samples.ts";

const everything = new Set(webhookEventTypes);
const noChanges = {
  inserted: [],
  updated: [],
  insertedOrders: [],
  updatedOrders: [],
  events: [],
  audits: [],
} as const;
const nothingBefore = { reservations: new Map(), orders: new Map(), events: new Map() };

const held = sampleReservation();
const confirmed = sampleReservation({ status: "confirmed", confirmedAtMs: nowMs });
const cancelled = sampleReservation({
  status: "cancelled",
  releasedAtMs: nowMs,
  cause: "cancelled_by_service",
});
const returned: Reservation = { ...cancelled, confirmedAtMs: nowMs };
const expired = sampleReservation({ status: "expired", releasedAtMs: nowMs, cause: "deadline_passed" });

function tell(changes: Partial<StockChanges>, before: object = {}, listened = everything) {
  return noticesOf({ ...noChanges, ...changes }, { ...nothingBefore, ...before }, listened);
}
const typesOf = (...given: Parameters<typeof tell>) => tell(...given).map(({ type }) => type);
const before = (reservation: Reservation) => ({ reservations: new Map([[reservation.id, reservation]]) });

describe("what is told of a reservation", () => {
  test.each([
    ["a new hold", held, ["reservation.held"]],
    ["one that is bought as it is made", confirmed, ["reservation.confirmed"]],
    ["one that ends in its own transaction", cancelled, ["reservation.held", "reservation.cancelled"]],
    ["one that is bought and returned at once", returned, ["reservation.confirmed", "reservation.cancelled"]],
  ] as const)("%s", (_what, reservation, types) => {
    expect(typesOf({ inserted: [reservation] })).toEqual(types);
  });

  test.each([
    ["a sale", held, confirmed, ["reservation.confirmed"]],
    ["a cancellation", held, cancelled, ["reservation.cancelled"]],
    ["an expiry", held, expired, ["reservation.expired"]],
    ["the return of a sale", confirmed, returned, ["reservation.cancelled"]],
    ["a sale and its return at once", held, returned, ["reservation.confirmed", "reservation.cancelled"]],
    ["an extension", held, { ...held, expiresAtMs: nowMs + 120_000, extendedAtMs: [nowMs] }, []],
    ["nothing new", confirmed, confirmed, []],
  ] as const)("%s", (_what, earlier, later, types) => {
    expect(typesOf({ updated: [later] }, before(earlier))).toEqual(types);
  });

  test("the expiry of a hold that was only known to be among the earliest", () => {
    expect(typesOf({ updated: [expired] })).toEqual(["reservation.expired"]);
  });

  test("each step as it was, also when another followed in the same transaction", () => {
    const [first, second] = tell({ updated: [returned] }, before(held));
    expect(first).toMatchObject({ reservation: { status: "confirmed", releasedAtMs: null, cause: null } });
    expect(second).toMatchObject({ reservation: { status: "cancelled", confirmedAtMs: nowMs } });
    const [begun] = tell({ inserted: [cancelled] });
    expect(begun).toMatchObject({ reservation: { status: "held", releasedAtMs: null } });
  });
});

describe("what is told of an order", () => {
  const pending = sampleOrder();
  const paid = sampleOrder({ status: "paid", paidAtMs: nowMs });
  const refunded = sampleOrder({ status: "refunded", paidAtMs: nowMs });
  const orders = (order: typeof pending) => ({ orders: new Map([[order.id, order]]) });

  test.each([
    ["that it is paid", pending, paid, ["order.paid"]],
    ["that it is refunded", paid, refunded, ["order.refunded"]],
    ["that its payment came too late", pending, { ...refunded, paidAtMs: null }, ["order.refunded"]],
    ["both at once", pending, refunded, ["order.paid", "order.refunded"]],
    ["not that its money has moved", refunded, { ...refunded, refundedAtMs: nowMs }, []],
    ["not that it was declined", pending, { ...pending, status: "declined" as const }, []],
  ] as const)("%s", (_what, earlier, later, types) => {
    expect(typesOf({ updatedOrders: [later] }, orders(earlier))).toEqual(types);
  });

  test("that it cost nothing and is paid from the start", () => {
    expect(typesOf({ insertedOrders: [paid] })).toEqual(["order.paid"]);
    expect(typesOf({ insertedOrders: [pending] })).toEqual([]);
  });
});

describe("what is told of an event", () => {
  const events = (given: Parameters<typeof sampleEvent>[0]) => ({
    events: new Map([["event", sampleEvent(given)]]),
  });
  const soldOut = sampleEvent({ available: 0, held: 0, sold: 10 });

  test("that it is sold out, when it was not before", () => {
    expect(typesOf({ events: [soldOut] }, events({ available: 0, held: 1, sold: 9 }))).toEqual([
      "event.sold_out",
    ]);
    expect(typesOf({ events: [soldOut] }, events({ available: 0, held: 0, sold: 10 }))).toEqual([]);
  });

  test("nothing while tickets are held, or there are none at all", () => {
    const allHeld = sampleEvent({ available: 0, held: 1, sold: 9 });
    const empty = sampleEvent({ available: 0, held: 0, sold: 0 });
    expect(typesOf({ events: [allHeld, empty] }, events({ available: 1, held: 0, sold: 9 }))).toEqual([]);
  });

  test("that tickets were delivered", () => {
    const restocked = { eventId: "event", action: "restocked", actor: "supplier", reason: null } as const;
    const changed = { ...restocked, action: "changed" } as const;
    const event = sampleEvent({ available: 10 });
    const was = events({ available: 0 });
    expect(typesOf({ events: [event], audits: [restocked] }, was)).toEqual(["event.restocked"]);
    expect(typesOf({ events: [event], audits: [changed] }, was)).toEqual([]);
  });
});

test("nothing is told that nobody listens to", () => {
  const changes = { inserted: [held], insertedOrders: [sampleOrder({ status: "paid", paidAtMs: nowMs })] };
  expect(typesOf(changes, {}, listenedTypesOf(null) as typeof everything)).toEqual([]);
  const onlyOrders = listenedTypesOf(["order.paid", "of another version"]) as typeof everything;
  expect(typesOf(changes, {}, onlyOrders)).toEqual(["order.paid"]);
});

test("a notice names what it is about", () => {
  expect(subjectIdOf({ type: "reservation.held", reservation: held })).toBe(held.id);
  expect(subjectIdOf({ type: "order.paid", order: sampleOrder() })).toBe(sampleOrder().id);
  expect(subjectIdOf({ type: "event.sold_out", event: sampleEvent() })).toBe("event");
});
