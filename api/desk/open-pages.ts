import type { Cart } from "../domain/cart.ts";
import type { Event } from "../domain/event.ts";
import type { Order } from "../domain/order.ts";
import type { Reservation } from "../domain/reservation.ts";
import type { RestockOrder } from "../domain/restock-order.ts";
import { StockBooks, type StockChanges } from "../domain/stock-books.ts";
import type { LockedState } from "./read-under-lock.ts";

/** What a transaction has read and written so far, when its commands are written one after the other. */
export class OpenPages {
  readonly reservations: Map<string, Reservation>;
  readonly orders: Map<string, Order>;
  readonly events: Map<string, Event>;
  /** The carts that were made for this transaction and have nothing in them. */
  readonly unusedCarts: Set<string>;
  /** Every reservation that was made or changed. */
  readonly written: Reservation[] = [];
  readonly #state: LockedState;
  readonly #carts: Map<string, Cart>;
  readonly #restockOrders: Map<string, RestockOrder>;

  constructor(state: LockedState) {
    const { events, reservations, sales, restockOrders } = state;
    this.#state = state;
    this.events = new Map(events);
    this.reservations = new Map(reservations.map((reservation) => [reservation.id, reservation]));
    this.#carts = new Map(sales?.carts.map((cart) => [cart.id, cart]));
    this.orders = new Map(sales?.orders.map((order) => [order.id, order]));
    this.#restockOrders = new Map(restockOrders.map((order) => [order.id, order]));
    this.unusedCarts = new Set(sales?.freshCartIds);
  }

  /** Books for the next command. */
  openBooks(): StockBooks {
    const { sales, nowMs, verifiedPhones, hoarding } = this.#state;
    const ofSales = sales && {
      carts: [...this.#carts.values()],
      freshCartIds: this.unusedCarts,
      orders: [...this.orders.values()],
      maxExtensions: sales.maxExtensions,
    };
    const [events, reservations] = [this.events.values(), this.reservations.values()];
    const restockOrders = this.#restockOrders.values();
    const alsoRead = { sales: ofSales, restockOrders, verifiedPhones, hoarding };
    return new StockBooks(events, reservations, this.#openHolds(), nowMs, alsoRead);
  }

  /** Takes in what one command changed. */
  enter(changes: StockChanges): void {
    for (const event of changes.events) this.events.set(event.id, event);
    for (const changed of [...changes.updated, ...changes.inserted]) {
      this.reservations.set(changed.id, changed);
      this.written.push(changed);
    }
    for (const cart of changes.carts) {
      this.#carts.set(cart.id, cart);
      this.unusedCarts.delete(cart.id);
    }
    for (const order of [...changes.updatedOrders, ...changes.insertedOrders])
      this.orders.set(order.id, order);
    for (const order of [...changes.updatedRestocks, ...changes.insertedRestocks])
      this.#restockOrders.set(order.id, order);
  }

  /** The earliest holds as they are after the commands that came before. */
  #openHolds(): Map<string, Reservation[]> {
    const holds = new Map<string, Reservation[]>();
    for (const [eventId, earliest] of this.#state.earliestHolds) {
      holds.set(
        eventId,
        earliest.map((hold) => this.reservations.get(hold.id) ?? hold),
      );
    }
    return holds;
  }
}
