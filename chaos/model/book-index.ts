import type {
  AuditRow,
  Books,
  CartRow,
  CustomerRow,
  EventRow,
  OrderRow,
  PaymentRow,
  ReservationRow,
  RestockRow,
  VerificationRow,
} from "./books.ts";

/** The books of a run with everything that is looked up in them by name. */
export class BookIndex {
  readonly all: readonly Books[];
  readonly events: ReadonlyMap<string, EventRow>;
  readonly reservations: ReadonlyMap<string, ReservationRow>;
  readonly carts: ReadonlyMap<string, CartRow>;
  readonly orders: ReadonlyMap<string, OrderRow>;
  readonly payments: ReadonlyMap<string, PaymentRow>;
  readonly restocks: ReadonlyMap<string, RestockRow>;
  readonly customers: ReadonlyMap<string, CustomerRow>;
  readonly reservationsOfEvent: ReadonlyMap<string, readonly ReservationRow[]>;
  readonly reservationsOfCart: ReadonlyMap<string, readonly ReservationRow[]>;
  readonly ordersOfCart: ReadonlyMap<string, readonly OrderRow[]>;
  readonly restocksOfEvent: ReadonlyMap<string, readonly RestockRow[]>;
  readonly auditsOfEvent: ReadonlyMap<string, readonly AuditRow[]>;
  readonly verificationsOf: ReadonlyMap<string, readonly VerificationRow[]>;

  /** @param all of each database that the run has had */
  constructor(all: readonly Books[]) {
    this.all = all;
    const books = {
      events: all.flatMap(({ events }) => events),
      audits: all.flatMap(({ audits }) => audits),
      reservations: all.flatMap(({ reservations }) => reservations),
      carts: all.flatMap(({ carts }) => carts),
      orders: all.flatMap(({ orders }) => orders),
      payments: all.flatMap(({ payments }) => payments),
      restocks: all.flatMap(({ restocks }) => restocks),
      customers: all.flatMap(({ customers }) => customers),
      verifications: all.flatMap(({ verifications }) => verifications),
    };
    this.events = byName(books.events, ({ id }) => id);
    this.reservations = byName(books.reservations, ({ id }) => id);
    this.carts = byName(books.carts, ({ id }) => id);
    this.orders = byName(books.orders, ({ id }) => id);
    this.payments = byName(books.payments, ({ key }) => key);
    this.restocks = byName(books.restocks, ({ id }) => id);
    this.customers = byName(books.customers, ({ id }) => id);
    this.reservationsOfEvent = groupBy(books.reservations, ({ eventId }) => eventId);
    this.reservationsOfCart = groupBy(books.reservations, ({ cartId }) => cartId);
    this.ordersOfCart = groupBy(books.orders, ({ cartId }) => cartId);
    this.restocksOfEvent = groupBy(books.restocks, ({ eventId }) => eventId);
    this.auditsOfEvent = groupBy(books.audits, ({ eventId }) => eventId);
    this.verificationsOf = groupBy(books.verifications, ({ customerId }) => customerId);
  }
}

function byName<Row>(rows: readonly Row[], nameOf: (row: Row) => string): Map<string, Row> {
  return new Map(rows.map((row) => [nameOf(row), row]));
}

/** @param nameOf null for what belongs to no group. @returns the members of each group in the order in which they came */
export function groupBy<Member>(
  members: Iterable<Member>,
  nameOf: (member: Member) => string | null,
): Map<string, Member[]> {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const name = nameOf(member);
    if (name === null) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [member]);
    else group.push(member);
  }
  return groups;
}

/** A name for two ids together. */
export function pairName(one: string, other: string): string {
  return `${one} ${other}`;
}
