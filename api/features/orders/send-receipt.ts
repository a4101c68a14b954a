import type { Order } from "../../domain/order.ts";
import { readReceiptJobId } from "../../domain/receipt-job.ts";
import { SharedRounds } from "../../kernel/shared-rounds.ts";
import type { EmailProvider } from "../../providers/email/email-provider.ts";
import { ProviderFailure } from "../../providers/outside/provider-failure.ts";
import type { Database } from "../../store/open-database.ts";
import { markReceiptsSent, selectOrdersById } from "../../store/orders.ts";
import { renderReceipt } from "./render-receipt.ts";

/** Receipts are sent many at a time, and a commit for each would take from the sale what it needs. */
const sharedMax = { itemsMax: 100, waitingMax: 1_000 };

/** The orders as those see them who send receipts: what several ask for at once is read and written at once. */
export class ReceiptBooks {
  readonly #reads: SharedRounds<string, Order | null>;
  readonly #marks: SharedRounds<string, null>;

  constructor(database: Database) {
    this.#reads = new SharedRounds(async (orderIds) => {
      const orders = await selectOrdersById(database, orderIds);
      return orderIds.map((id) => orders.get(id) ?? null);
    }, sharedMax);
    this.#marks = new SharedRounds(async (orderIds) => {
      await markReceiptsSent(database, orderIds);
      return orderIds.map(() => null);
    }, sharedMax);
  }

  find(orderId: string): Promise<Order | null> {
    return this.#reads.ask(orderId);
  }

  async markSent(orderId: string): Promise<void> {
    await this.#marks.ask(orderId);
  }
}

export interface ReceiptContext {
  readonly receiptBooks: ReceiptBooks;
  readonly email: EmailProvider;
  /** Where buyers find the shop, without a slash at its end; null when nobody knows. */
  readonly publicUrl: string | null;
}

/** What came of a message: `refused` when nobody will ever take it. */
export type ReceiptEnd = { readonly kind: "done" } | { readonly kind: "refused"; readonly reason: string };

/**
 * Sends the buyer the message that a job is about: the receipt of an order, or the notice of its refund. What is known
 * to have been sent is not sent again. Whoever dies between sending and writing that down leaves a message that comes
 * twice, with the same id.
 *
 * @param jobId made by `receiptJobId`
 * @throws when the message was not taken for now, or that is not known, or the database is away; to be tried again
 */
export async function sendReceipt(
  { receiptBooks, email, publicUrl }: ReceiptContext,
  jobId: string,
  signal: AbortSignal,
): Promise<ReceiptEnd> {
  const { orderId, kind } = readReceiptJobId(jobId);
  const order = await receiptBooks.find(orderId);
  if (order === null)
    throw new Error(`There is a receipt to be sent for the order ${orderId}, but no such order.`);
  // An order that was taken back before its receipt was sent gets the notice of its refund only.
  if (order.status !== kind) return { kind: "done" };
  // The notice of a refund is the second message of an order that was paid before, and the only one otherwise.
  const isSecond = kind === "refunded" && order.paidAtMs !== null;
  if (order.receiptSentAtMs !== null && !isSecond) return { kind: "done" };
  try {
    await email.send(renderReceipt(order, publicUrl), signal);
  } catch (error) {
    if (error instanceof ProviderFailure && error.retry === "never")
      return { kind: "refused", reason: error.message };
    throw error;
  }
  await receiptBooks.markSent(orderId);
  return { kind: "done" };
}
