/** Work to be done after the transaction that makes it necessary, by whoever does durable work. */
export interface DurableJob {
  readonly queue: QueueName;
  /** Names what the work is about: a queue has at most one job of each id. */
  readonly id: string;
  readonly startAfterSeconds: number;
}

export type QueueName =
  /** Finds out what came of an order's payment, in case the process that asked for it does not live to tell. */
  | "settle-payment"
  | "refund-payment"
  | "send-receipt"
  /** Sends the code of a verification to its phone. */
  | "send-code"
  /** Places a restock order with its supplier. */
  | "place-restock-order";
