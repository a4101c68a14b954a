import type { CartItem } from "../../domain/cart.ts";
import type { Order } from "../../domain/order.ts";
import type { Email } from "../../providers/email/email-provider.ts";
import { formatAmount, formatInstant } from "./format-values.ts";
import type { ReceiptContent } from "./receipt-content.ts";
import { renderReceiptPage } from "./render-receipt-page.ts";

/**
 * Renders the message that tells a buyer how their order ended: paid, or taken back. Rendering it again, whenever,
 * gives the same message with the same id.
 *
 * @param order paid or refunded
 * @param publicUrl where buyers find the shop, without a slash at its end
 * @throws Error for an order of another status: nothing was sold, so there is nothing to tell
 */
export function renderReceipt(order: Order, publicUrl: string | null): Email {
  const content = contentOf(order, publicUrl);
  return {
    messageId: `${order.id}.${order.status}@holdfast`,
    to: order.email,
    subject: `${content.heading}: ${namesOf(order.items)}`,
    text: renderText(content),
    html: renderReceiptPage(content),
  };
}

function contentOf(order: Order, publicUrl: string | null): ReceiptContent {
  const { id, items, totalCents, currency } = order;
  return {
    ...storyOf(order),
    orderId: id,
    items: items.map(({ name, quantity, priceCents }) => ({
      name,
      quantity,
      amount: formatAmount(priceCents * quantity, currency),
    })),
    total: {
      label: order.status === "refunded" ? "Refund" : "Total",
      amount: formatAmount(totalCents, currency),
    },
    link: publicUrl === null ? null : `${publicUrl}/orders/${id}`,
  };
}

function storyOf(order: Order): Pick<ReceiptContent, "heading" | "paragraphs" | "when"> {
  const { status, paidAtMs, createdAtMs } = order;
  if (status === "paid") {
    return {
      heading: "Your tickets",
      paragraphs: [
        "Thank you for your order. The tickets are yours.",
        "Keep this message: it is your receipt.",
      ],
      when: { label: "Paid", text: formatInstant(paidAtMs ?? createdAtMs) },
    };
  }
  if (status !== "refunded") throw new Error(`An order that is ${status} has no receipt.`);
  const moneyReturns =
    order.payment.status === "none"
      ? "There was nothing to pay, so there is nothing to return."
      : "The whole amount goes back to the card that you paid with. It may take some days to appear there.";
  return {
    heading: "Your order was refunded",
    paragraphs: [
      paidAtMs === null
        ? "Your payment came through after your tickets had gone back on sale, and not all of them could be had again. You have no tickets from this order."
        : "The shop has taken this order back. Its tickets are no longer valid.",
      moneyReturns,
    ],
    when: { label: "Ordered", text: formatInstant(createdAtMs) },
  };
}

function namesOf(items: readonly CartItem[]): string {
  const [first, ...others] = items;
  // A subject is one line.
  const name = (first?.name ?? "").replaceAll(/\s+/g, " ").slice(0, 100);
  return others.length === 0 ? name : `${name} and ${others.length} more`;
}

function renderText({ heading, paragraphs, orderId, when, items, total, link }: ReceiptContent): string {
  const lines = [
    heading,
    "",
    ...paragraphs,
    "",
    `Order   ${orderId}`,
    `${when.label.padEnd(7)} ${when.text}`,
    "",
    ...items.map(({ name, quantity, amount }) => `${quantity} x ${name}: ${amount}`),
    `${total.label}: ${total.amount}`,
    ...(link === null ? [] : ["", `See the order: ${link}`]),
  ];
  return `${lines.join("\n")}\n`;
}
