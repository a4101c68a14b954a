import { pick } from "./cart-books.ts";
import type { RestockOrder } from "./restock-order.ts";

/** What must be written about restock orders, the updated ones first. */
export interface RestockChanges {
  readonly updatedRestocks: readonly RestockOrder[];
  readonly insertedRestocks: readonly RestockOrder[];
}

/** The part of a transaction's books that is about restock orders. It decides nothing. */
export class RestockBooks {
  readonly #orders = new Map<string, RestockOrder>();
  readonly #inserted = new Set<string>();
  readonly #updated = new Set<string>();

  /** @param orders those that the commands name, read under the locks of their events */
  constructor(orders: Iterable<RestockOrder>) {
    for (const order of orders) this.#orders.set(order.id, order);
  }

  order(orderId: string): RestockOrder | undefined {
    return this.#orders.get(orderId);
  }

  insert(order: RestockOrder): RestockOrder {
    this.#orders.set(order.id, order);
    this.#inserted.add(order.id);
    return order;
  }

  update(order: RestockOrder): RestockOrder {
    this.#orders.set(order.id, order);
    this.#updated.add(order.id);
    return order;
  }

  changes(): RestockChanges {
    const onlyUpdated = [...this.#updated].filter((id) => !this.#inserted.has(id));
    return {
      updatedRestocks: pick(this.#orders, onlyUpdated),
      insertedRestocks: pick(this.#orders, this.#inserted),
    };
  }
}
