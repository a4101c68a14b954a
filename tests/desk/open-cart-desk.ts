import { Desk } from "../../api/desk/desk.ts";
import type { BatchReport } from "../../api/desk/batch-report.ts";
import type { DeskLimits } from "../../api/desk/desk-limits.ts";
import type { DeskOutcome, RecordedClaim } from "../../api/desk/waiting-command.ts";
import type { CartView } from "../../api/domain/cart.ts";
import type { Requester } from "../../api/domain/commands.ts";
import type { Order, PaymentResult } from "../../api/domain/order.ts";
import { receiptJobId } from "../../api/domain/receipt-job.ts";
import { makeId, makeReservationId } from "../../api/kernel/ids.ts";
import { selectCarts } from "../../api/store/carts.ts";
import { JobStatements } from "../../api/store/job-queue.ts";
import { type Database, openDatabase } from "../../api/store/open-database.ts";
import { selectOrder } from "../../api/store/orders.ts";
import type { TestDatabase } from "../support/open-test-database.ts";

export const service: Requester = { role: "service" };

/** A desk that serves carts and orders, and the commands about them in few words. */
export interface CartDesk {
  readonly desk: Desk;
  readonly pool: Database;
  readonly reports: BatchReport[];
  readonly troubles: string[];
  /** Gives an idle desk something to do, so that the commands sent next wait and share a transaction. */
  occupy(): void;
  put(cartId: string, eventId: string, quantity?: number, userId?: string): Promise<DeskOutcome>;
  /** Puts an item in, and fails unless that succeeds. */
  fill(cartId: string, eventId: string, quantity?: number, userId?: string): Promise<CartView>;
  remove(cartId: string, eventId: string): Promise<DeskOutcome>;
  extend(cartId: string): Promise<DeskOutcome>;
  begin(cartId: string, options?: { claim?: RecordedClaim; graceMs?: number }): Promise<DeskOutcome>;
  /** Begins an order, and fails unless that succeeds. */
  order(cartId: string, options?: { claim?: RecordedClaim; graceMs?: number }): Promise<Order>;
  settle(order: Order, result?: PaymentResult): Promise<DeskOutcome>;
  refund(order: Order, claim?: RecordedClaim): Promise<DeskOutcome>;
  /** The order as it is on disk. */
  read(orderId: string): Promise<Order>;
  close(): Promise<void>;
}

export const succeeded: PaymentResult = { kind: "succeeded", reference: "pay_1" };
export const declined: PaymentResult = { kind: "declined", reason: "no funds" };

/** Opens a desk as a worker does, with the queue's own statements. */
export async function openCartDesk(
  { connectionString }: Pick<TestDatabase, "connectionString">,
  limits: Partial<DeskLimits> = {},
): Promise<CartDesk> {
  const pool = openDatabase({ connectionString, connectionsMax: 2, onLost: () => {} });
  const reports: BatchReport[] = [];
  const troubles: string[] = [];
  const desk = new Desk({
    connectionString,
    makeId: makeReservationId,
    onReport: (report) => reports.push(report),
    onTrouble: (message) => troubles.push(message),
    renderOrder: (order) => ({ status: 201, body: `order ${order.status}` }),
    jobStatements: await JobStatements.prepare(pool),
    limits,
  });
  const eventIdsIn = async (cartId: string) =>
    (await selectCarts(pool, [cartId])).get(cartId)?.items.map(({ eventId }) => eventId) ?? [];
  const eventIdsOf = ({ items }: Order) => items.map(({ eventId }) => eventId);
  const put: CartDesk["put"] = (cartId, eventId, quantity = 1, userId = "ada") =>
    desk.submit({ kind: "put_cart_item", eventId, cartId, userId, quantity, requester: service });
  const begin: CartDesk["begin"] = async (cartId, { claim, graceMs = 60_000 } = {}) =>
    desk.submit(
      {
        kind: "begin_checkout",
        eventIds: await eventIdsIn(cartId),
        cartId,
        requester: service,
        orderId: makeId(),
        email: "ada@example.org",
        provider: "demo",
        token: "tok_ok",
        isProviderAvailable: true,
        graceMs,
      },
      claim,
    );
  return {
    desk,
    pool,
    reports,
    troubles,
    occupy: () => void desk.submit({ kind: "hold", eventId: makeId(), userId: "nobody", quantity: 1 }),
    put,
    fill: async (...asked) => {
      const outcome = await put(...asked);
      if (outcome.kind !== "cart_saved") throw new Error(`Wanted an item, got ${outcome.kind}.`);
      return outcome.view;
    },
    remove: (cartId, eventId) =>
      desk.submit({ kind: "remove_cart_item", eventId, cartId, requester: service }),
    extend: async (cartId) =>
      desk.submit({
        kind: "extend_cart",
        eventIds: await eventIdsIn(cartId),
        cartId,
        requester: service,
      }),
    begin,
    order: async (cartId, options) => {
      const outcome = await begin(cartId, options);
      if (outcome.kind !== "order_begun") throw new Error(`Wanted an order, got ${outcome.kind}.`);
      return outcome.order;
    },
    settle: (order, result = succeeded) =>
      desk.submit({
        kind: "settle_order",
        eventIds: eventIdsOf(order),
        cartId: order.cartId,
        orderId: order.id,
        result,
      }),
    refund: (order, claim) =>
      desk.submit(
        { kind: "refund_order", eventIds: eventIdsOf(order), cartId: order.cartId, orderId: order.id },
        claim,
      ),
    read: async (orderId) => {
      const order = await selectOrder(pool, orderId);
      if (order === null) throw new Error(`There is no order ${orderId}.`);
      return order;
    },
    close: async () => {
      await desk.stop();
      await pool.destroy();
    },
  };
}

/** Adds an event with a price past the service. @returns its id */
export async function insertPricedEvent(
  { query }: Pick<TestDatabase, "query">,
  terms: {
    readonly capacity?: number;
    readonly priceCents?: number;
    readonly holdSeconds?: number;
    readonly maxExtensions?: number;
  } = {},
): Promise<string> {
  const id = makeId();
  const { capacity = 10, priceCents = 1_000, holdSeconds = 600, maxExtensions = 1 } = terms;
  await query(
    `insert into events (id, name, capacity, available, max_quantity, hold_seconds, max_extensions, price_cents,
       created_at)
     values ($1, 'Concert', $2, $2, 20, $3, $4, $5, now())`,
    [id, capacity, holdSeconds, maxExtensions, priceCents],
  );
  return id;
}

/** The queues of the jobs that are there for an order. */
export async function readJobs({ query }: Pick<TestDatabase, "query">, orderId: string): Promise<string[]> {
  const ids = [orderId, receiptJobId(orderId, "refunded")];
  const rows = await query<{ name: string }>(
    "select name from pgboss.job where id = any($1::uuid[]) order by name",
    [ids],
  );
  return rows.map(({ name }) => name);
}

/** Moves the deadline of a cart and of its holds into the past, as if the time had come. */
export async function makeCartOverdue({ query }: Pick<TestDatabase, "query">, cartId: string): Promise<void> {
  await query("update carts set expires_at = clock_timestamp() - interval '1 ms' where id = $1", [cartId]);
  await query(
    "update reservations set expires_at = clock_timestamp() - interval '1 ms' where cart_id = $1 and status = 'held'",
    [cartId],
  );
}
