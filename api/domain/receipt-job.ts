/** What a receipt tells: that an order was paid, or that its money goes back. */
export type ReceiptKind = "paid" | "refunded";

/** Where a UUID's text tells its version. */
const versionAt = 14;

/**
 * The id of the job that sends a receipt. An order has at most one of each kind, so asking for one again makes no
 * second job. The receipt of a refund takes the order's id as a UUIDv8, which RFC 9562 leaves to whoever makes it.
 *
 * @param orderId a UUIDv7
 */
export function receiptJobId(orderId: string, kind: ReceiptKind): string {
  if (orderId[versionAt] !== "7") throw new Error(`The order id ${orderId} is not a UUIDv7.`);
  return kind === "paid" ? orderId : withVersion(orderId, "8");
}

/** The order that a receipt is about, and which of its receipts it is. @param jobId made by `receiptJobId` */
export function readReceiptJobId(jobId: string): { orderId: string; kind: ReceiptKind } {
  const isRefund = jobId[versionAt] === "8";
  return { orderId: withVersion(jobId, "7"), kind: isRefund ? "refunded" : "paid" };
}

function withVersion(id: string, version: "7" | "8"): string {
  return `${id.slice(0, versionAt)}${version}${id.slice(versionAt + 1)}`;
}
