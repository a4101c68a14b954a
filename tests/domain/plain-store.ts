import type { Cart } from "../../api/domain/cart.ts";
import { eventIdsOf, type StockCommand, type StockOutcome } from "../../api/domain/commands.ts";
import { decideStock } from "../../api/domain/decide-stock.ts";
import type { Event } from "../../api/domain/event.ts";
import type { DurableJob } from "../../api/domain/durable-job.ts";
import type { Order } from "../../api/domain/order.ts";
import type { RestockOrder } from "../../api/domain/restock-order.ts";
import type { Reservation } from "../../api/domain/reservation.ts";
import { type AuditEntry, StockBooks, type StockChanges } from "../../api/domain/stock-books.ts";

/** Rows as a database would keep them. It takes whatever is written and judges nothing; the tests judge it. */
export class PlainStore {
  readonly events = new Map<string, Event>();
  readonly reservations = new Map<string, Reservation>();
  readonly carts = new Map<string, Cart>();
  readonly orders = new Map<string, Order>();
  /** The phones that users have verified. */
  readonly phones = new Map<string, string>();
  /** The jobs that are to be done, by queue and id. */
  readonly jobs = new Map<string, DurableJob>();
  readonly audits: AuditEntry[] = [];
  readonly restockOrders = new Map<string, RestockOrder>();

  /** Opens books with no more than the commands need, as the desk does. */
  open(commands: readonly StockCommand[], nowMs: number): StockBooks {
    const eventIds = new Set(commands.flatMap(eventIdsOf));
    const { carts, freshCartIds } = this.#lockCarts(commands, nowMs);
    const orders = [...this.orders.values()].filter(
      ({ id }) =>
        carts.some(({ orderId }) => orderId === id) ||
        commands.some((command) => "orderId" in command && command.orderId === id),
    );
    const items = [...carts, ...orders].flatMap((each) => each.items);
    const ofItems = new Set(items.map(({ reservationId }) => reservationId));
    const active = this.#activeAskedFor(commands, carts, orders);
    const rows = [...this.reservations.values()];
    const phones = this.#phonesAskedFor(commands);
    const underPhone = this.#heldUnder(commands, phones, orders);
    const needed = rows.filter(
      (row) =>
        ofItems.has(row.id) ||
        active.has(`${row.eventId} ${row.userId} ${isActive(row)}`) ||
        (isActive(row) && underPhone.has(`${row.eventId} ${row.verifiedPhone}`)) ||
        commands.some((command) => isNamed(row, command)),
    );
    const earliest = new Map<string, Reservation[]>();
    const events = [...this.events.values()].filter(({ id }) => eventIds.has(id));
    for (const event of events.filter((each) => isShort(each, commands, orders))) {
      const holds = rows.filter(({ eventId, status }) => eventId === event.id && status === "held");
      earliest.set(
        event.id,
        holds.sort((a, b) => a.expiresAtMs - b.expiresAtMs),
      );
    }
    const maxExtensions = new Map(
      items.flatMap(({ eventId }) => {
        const event = this.events.get(eventId);
        return event === undefined ? [] : [[eventId, event.maxExtensions] as const];
      }),
    );
    const sales = { carts, freshCartIds, orders, maxExtensions };
    const named = commands.flatMap((command) =>
      "restockOrderId" in command ? (this.restockOrders.get(command.restockOrderId) ?? []) : [],
    );
    const alsoRead = { sales, restockOrders: named, verifiedPhones: phones };
    return new StockBooks(events, needed, earliest, nowMs, alsoRead);
  }

  /** Decides the commands in one transaction and keeps what it changed. */
  transact(
    commands: readonly StockCommand[],
    nowMs: number,
    makeId: () => string,
  ): { outcomes: StockOutcome[]; changes: StockChanges } {
    const books = this.open(commands, nowMs);
    const outcomes = commands.map((command) => decideStock(books, command, makeId));
    const changes = books.changes();
    this.write(changes);
    return { outcomes, changes };
  }

  /** Replays changes: rows that are updated must be there, rows that are inserted must not. */
  write(changes: StockChanges): void {
    for (const row of changes.updated) replace(this.reservations, row.id, row);
    for (const row of changes.inserted) insert(this.reservations, row.id, row);
    for (const event of changes.events) this.events.set(event.id, event);
    for (const event of changes.termsChanged) this.events.set(event.id, event);
    this.audits.push(...changes.audits);
    for (const cart of changes.carts) this.carts.set(cart.id, cart);
    for (const id of changes.unusedCarts) {
      if (this.carts.has(id)) throw new Error(`Deleted cart ${id}, which is in use.`);
    }
    for (const order of changes.insertedOrders) insert(this.orders, order.id, order);
    for (const order of changes.updatedOrders) replace(this.orders, order.id, order);
    for (const order of changes.updatedRestocks) replace(this.restockOrders, order.id, order);
    for (const order of changes.insertedRestocks) insert(this.restockOrders, order.id, order);
    for (const { queue, id } of changes.finishedJobs) {
      // The job of a restock order may have been done before the order is ended or tried again.
      if (!this.jobs.delete(`${queue} ${id}`) && queue !== "place-restock-order")
        throw new Error(`Removed job ${queue} ${id}, which is not there.`);
    }
    for (const job of changes.jobs) insert(this.jobs, `${job.queue} ${job.id}`, job);
  }

  copy(): PlainStore {
    const copied = new PlainStore();
    for (const [id, event] of this.events) copied.events.set(id, event);
    for (const [id, row] of this.reservations) copied.reservations.set(id, row);
    for (const [userId, phone] of this.phones) copied.phones.set(userId, phone);
    copied.audits.push(...this.audits);
    return copied;
  }

  /** The carts that the commands name; those that are to be filled and do not exist come fresh. */
  #lockCarts(commands: readonly StockCommand[], nowMs: number): { carts: Cart[]; freshCartIds: Set<string> } {
    const freshCartIds = new Set<string>();
    const carts = new Map<string, Cart>();
    for (const command of commands) {
      if (!("cartId" in command) || carts.has(command.cartId)) continue;
      const known = this.carts.get(command.cartId);
      if (known !== undefined) carts.set(known.id, known);
    }
    for (const command of commands) {
      if (command.kind !== "put_cart_item" || carts.has(command.cartId)) continue;
      const { cartId: id, userId } = command;
      const fresh = { id, userId, items: [], expiresAtMs: null, extensions: 0, orderId: null };
      carts.set(id, { ...fresh, createdAtMs: nowMs });
      freshCartIds.add(id);
    }
    return { carts: [...carts.values()], freshCartIds };
  }

  /** The phones of those who ask for tickets of events that ask for a phone, now or within these commands. */
  #phonesAskedFor(commands: readonly StockCommand[]): Map<string, string> {
    const phones = new Map<string, string>();
    const asks = (eventId: string) =>
      this.events.get(eventId)?.requiresVerifiedPhone === true ||
      commands.some(
        (command) =>
          command.kind === "change_event" &&
          command.eventId === eventId &&
          command.change.requiresVerifiedPhone === true,
      );
    for (const command of commands) {
      if (command.kind !== "hold" && command.kind !== "put_cart_item") continue;
      const phone = this.phones.get(command.userId);
      if (phone !== undefined && asks(command.eventId)) phones.set(command.userId, phone);
    }
    return phones;
  }

  /** The events and phones of which the active reservation matters, in the form `EVENT PHONE`. */
  #heldUnder(
    commands: readonly StockCommand[],
    phones: ReadonlyMap<string, string>,
    orders: readonly Order[],
  ): Set<string> {
    const asked = new Set<string>();
    for (const command of commands) {
      const phone = "userId" in command ? phones.get(command.userId) : undefined;
      if (phone !== undefined && "eventId" in command) asked.add(`${command.eventId} ${phone}`);
    }
    for (const { eventId, reservationId } of orders.flatMap(({ items }) => items)) {
      const phone = this.reservations.get(reservationId)?.verifiedPhone;
      if (typeof phone === "string") asked.add(`${eventId} ${phone}`);
    }
    return asked;
  }

  /** The events and users of which the active reservation matters, in the form `EVENT USER true`. */
  #activeAskedFor(
    commands: readonly StockCommand[],
    carts: readonly Cart[],
    orders: readonly Order[],
  ): Set<string> {
    const asked = new Set<string>();
    for (const command of commands) {
      if (command.kind === "hold") asked.add(`${command.eventId} ${command.userId} true`);
      if (command.kind === "put_cart_item") {
        asked.add(`${command.eventId} ${command.userId} true`);
        const owner = carts.find(({ id }) => id === command.cartId)?.userId;
        asked.add(`${command.eventId} ${owner} true`);
      }
    }
    for (const order of orders)
      for (const { eventId } of order.items) asked.add(`${eventId} ${order.userId} true`);
    return asked;
  }
}

function insert<Row>(rows: Map<string, Row>, id: string, row: Row): void {
  if (rows.has(id)) throw new Error(`Inserted ${id} twice.`);
  rows.set(id, row);
}

function replace<Row>(rows: Map<string, Row>, id: string, row: Row): void {
  if (!rows.has(id)) throw new Error(`Updated ${id}, which is not there.`);
  rows.set(id, row);
}

function isActive({ status }: Reservation): boolean {
  return status === "held" || status === "confirmed";
}

function isNamed(row: Reservation, command: StockCommand): boolean {
  return "reservationId" in command && command.reservationId === row.id && command.eventId === row.eventId;
}

/** Whether some of these commands may find too few tickets free. */
function isShort(event: Event, commands: readonly StockCommand[], orders: readonly Order[]): boolean {
  const asked = commands.reduce((sum, command) => sum + askedOf(event.id, command, orders), 0);
  return event.held > 0 && event.available < asked;
}

function askedOf(eventId: string, command: StockCommand, orders: readonly Order[]): number {
  if (!eventIdsOf(command).includes(eventId)) return 0;
  // A change may take any number of tickets away from those who ask after it.
  if (command.kind === "change_event") return Infinity;
  if (command.kind === "hold" || command.kind === "put_cart_item") return command.quantity;
  if (command.kind !== "settle_order") return 0;
  const order = orders.find(({ id }) => id === command.orderId);
  return order?.items.find((item) => item.eventId === eventId)?.quantity ?? 0;
}
