import type { OrderReply } from "@holdfast/client";
import { formatMoney } from "../../shared/format/money.ts";
import { formatInstant } from "../../shared/format/times.ts";

export interface OrderWords {
  readonly title: string;
  /** In one word or two, for lists. */
  readonly short: string;
  readonly sentences: readonly string[];
}

/** How an order stands, in words that say no more than the service does. @param nowMs the server's time */
export function describeOrder(order: OrderReply, nowMs: number): OrderWords {
  switch (order.status) {
    case "pending":
      return {
        title: "We are checking your payment",
        short: "Checking the payment",
        sentences: [
          "Do not pay again.",
          `This page asks until it is known. Either the tickets are yours and the receipt goes to ${order.email}, or you do not pay for them.`,
        ],
      };
    case "paid":
      return { title: "The tickets are yours", short: "Paid", sentences: [tellPaid(order)] };
    case "declined":
      return {
        title: "Your payment was declined",
        short: "Declined",
        sentences: [tellDecline(order)],
      };
    case "refunded":
      return {
        title: tellRefundTitle(order),
        short: tellRefundShort(order),
        sentences: tellRefund(order, nowMs),
      };
    case "cancelled":
      return {
        title: "This order was not completed",
        short: "Not completed",
        sentences: ["The payment did not take place. You have not been charged."],
      };
    default:
      return { title: "Your order", short: order.status, sentences: [] };
  }
}

function tellDecline({ payment: { decline_reason } }: OrderReply): string {
  if (decline_reason === null) return "You have not been charged.";
  // Some providers answer with a sentence, others with a few words.
  return `The answer was: ${decline_reason.replace(/\.$/, "")}. You have not been charged.`;
}

function tellPaid({ email, payment, total_cents, currency }: OrderReply): string {
  if (payment.status === "none") return `There was nothing to pay. The confirmation goes to ${email}.`;
  return `${formatMoney(total_cents, currency)} paid. The receipt goes to ${email}.`;
}

function tellRefundTitle({ payment }: OrderReply): string {
  if (payment.status === "none") return "This order was taken back";
  return payment.status === "refunded" ? "Your money has been sent back" : "Your money is being sent back";
}

function tellRefundShort({ payment }: OrderReply): string {
  if (payment.status === "none") return "Taken back";
  return payment.status === "refunded" ? "Refunded" : "Being refunded";
}

/** An order that was never paid in time has no `paid_at`; one that the shop took back has. */
function tellRefund(order: OrderReply, nowMs: number): string[] {
  const { payment, paid_at, refunded_at, total_cents, currency } = order;
  const why =
    paid_at === null
      ? "Your payment arrived after your hold had ended, and not all of the tickets were free any more. You do not have any of them."
      : "The shop has taken this order back. The tickets are not yours any more.";
  if (payment.status === "none") return [why, "There was nothing to pay, so there is nothing to send back."];
  const amount = formatMoney(total_cents, currency);
  const when = refunded_at === null ? "" : ` at ${formatInstant(Date.parse(refunded_at), nowMs)}`;
  const money =
    payment.status === "refunded"
      ? `All of it, ${amount}, was sent back${when}. Your bank may need some days to show it.`
      : `All of it, ${amount}, is being sent back. This page shows when that is done.`;
  return [why, money];
}
