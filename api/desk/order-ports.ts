import type { DurableJob } from "../domain/durable-job.ts";
import type { Order } from "../domain/order.ts";
import type { Notice } from "../domain/webhook-notices.ts";
import type { RecordedReply } from "../kernel/idempotency.ts";
import type { Statement } from "../store/statement.ts";

/** Makes the statements that add durable jobs and take them out, to be run in a transaction of the desk. */
interface JobStatementMaker {
  insert(jobs: readonly DurableJob[]): Statement[];
  remove(jobs: readonly Pick<DurableJob, "queue" | "id">[]): Statement[];
}

/** What a desk needs from others before it can serve orders, and tell of what it did. */
export interface OrderPorts {
  /** The reply to the checkout that began an order, once the order has ended. */
  readonly renderOrder: (order: Order) => RecordedReply;
  readonly jobStatements: JobStatementMaker;
  /** The body of the message about something that happened at `nowMs`. */
  readonly renderNotice: (notice: Notice, nowMs: number) => string;
}

/** Stands in at desks that are never asked about orders and that nobody listens to, and says so otherwise. */
export const noOrderPorts: OrderPorts = {
  renderOrder: refuseOrders,
  jobStatements: { insert: refuseOrders, remove: refuseOrders },
  renderNotice: () => {
    throw new Error("This desk tells nobody.");
  },
};

function refuseOrders(): never {
  throw new Error("This desk serves no orders.");
}
