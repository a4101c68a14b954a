import type { Cart } from "./cart.ts";
import type { DurableJob, QueueName } from "./durable-job.ts";
import type { Order } from "./order.ts";

/** What was read about carts and orders, after their carts were locked. */
export interface SalesRead {
  readonly carts: readonly Cart[];
  /** Those of `carts` whose rows this transaction inserted, without items, so as to have something to lock. */
  readonly freshCartIds: ReadonlySet<string>;
  /** The last order of each cart, and every order that the commands name. */
  readonly orders: readonly Order[];
  /** How often the events of all items let a hold be extended, by their ids. Read without a lock where there is none. */
  readonly maxExtensions: ReadonlyMap<string, number>;
}

/** What must be written about carts, orders and the work that follows from them. */
export interface SalesChanges {
  /**
   * Carts as they are now. All of them have rows, the fresh ones too; of a fresh one the user may have changed with the
   * rest, since the first item decides whose it is.
   */
  readonly carts: readonly Cart[];
  /** The fresh carts in which nothing was put, so that their rows must go again before the transaction ends. */
  readonly unusedCarts: readonly string[];
  readonly insertedOrders: readonly Order[];
  readonly updatedOrders: readonly Order[];
  readonly jobs: readonly DurableJob[];
  /** Jobs that are not needed any more. */
  readonly finishedJobs: readonly { readonly queue: QueueName; readonly id: string }[];
}

const nothingRead: SalesRead = { carts: [], freshCartIds: new Set(), orders: [], maxExtensions: new Map() };

/**
 * The part of a transaction's books that is about carts and their orders: what was read under the lock, and every
 * change made to it since. It decides nothing.
 */
export class CartBooks {
  readonly #carts = new Map<string, Cart>();
  /** Carts that are there only for their lock, as long as nothing is put in them. */
  readonly #unused: Set<string>;
  readonly #orders = new Map<string, Order>();
  readonly #maxExtensions: ReadonlyMap<string, number>;
  readonly #saved = new Set<string>();
  readonly #insertedOrders = new Set<string>();
  readonly #updatedOrders = new Set<string>();
  #jobs: DurableJob[] = [];
  readonly #finishedJobs: { queue: QueueName; id: string }[] = [];

  /** @param read null for a transaction without carts */
  constructor(read: SalesRead | null) {
    const { carts, freshCartIds, orders, maxExtensions } = read ?? nothingRead;
    for (const cart of carts) this.#carts.set(cart.id, cart);
    for (const order of orders) this.#orders.set(order.id, order);
    this.#unused = new Set(freshCartIds);
    this.#maxExtensions = maxExtensions;
  }

  /** The cart, if anything was ever put in it. */
  cart(cartId: string): Cart | undefined {
    return this.#unused.has(cartId) ? undefined : this.#carts.get(cartId);
  }

  /** The cart for someone who puts something in it: one that nobody has used yet is theirs. */
  cartToFill(cartId: string, userId: string): Cart | undefined {
    const cart = this.#carts.get(cartId);
    return cart !== undefined && this.#unused.has(cartId) ? { ...cart, userId } : cart;
  }

  order(orderId: string): Order | undefined {
    return this.#orders.get(orderId);
  }

  /** The order of the cart that was begun last; null when it has none. */
  lastOrderOf(cart: Cart): Order | null {
    if (cart.orderId === null) return null;
    const order = this.#orders.get(cart.orderId);
    if (order === undefined) throw new Error(`Order ${cart.orderId} of cart ${cart.id} was not read.`);
    return order;
  }

  /** How often an event lets a hold be extended, when the event itself is not locked. */
  maxExtensions(eventId: string): number {
    const maxExtensions = this.#maxExtensions.get(eventId);
    if (maxExtensions === undefined) throw new Error(`The terms of event ${eventId} were not read.`);
    return maxExtensions;
  }

  saveCart(cart: Cart): Cart {
    this.#carts.set(cart.id, cart);
    this.#unused.delete(cart.id);
    this.#saved.add(cart.id);
    return cart;
  }

  insertOrder(order: Order): Order {
    this.#orders.set(order.id, order);
    this.#insertedOrders.add(order.id);
    return order;
  }

  updateOrder(order: Order): Order {
    this.#orders.set(order.id, order);
    this.#updatedOrders.add(order.id);
    return order;
  }

  enqueue(job: DurableJob): void {
    this.#jobs.push(job);
  }

  /** Notes that a job is not needed any more, whether it is on disk already or was to be written by this transaction. */
  finish(queue: QueueName, id: string): void {
    const others = this.#jobs.filter((job) => job.queue !== queue || job.id !== id);
    if (others.length === this.#jobs.length) this.#finishedJobs.push({ queue, id });
    this.#jobs = others;
  }

  changes(): SalesChanges {
    const onlyUpdated = [...this.#updatedOrders].filter((id) => !this.#insertedOrders.has(id));
    return {
      carts: pick(this.#carts, this.#saved),
      unusedCarts: [...this.#unused],
      insertedOrders: pick(this.#orders, this.#insertedOrders),
      updatedOrders: pick(this.#orders, onlyUpdated),
      jobs: this.#jobs,
      finishedJobs: this.#finishedJobs,
    };
  }
}

/** The values of these ids, in the order of the ids. */
export function pick<Value>(values: ReadonlyMap<string, Value>, ids: Iterable<string>): Value[] {
  const picked: Value[] = [];
  for (const id of ids) {
    const value = values.get(id);
    if (value !== undefined) picked.push(value);
  }
  return picked;
}
