import { describe, expect, test } from "vitest";
import type { Order } from "../../api/domain/order.ts";
import { formatAmount } from "../../api/features/orders/format-values.ts";
import { renderReceipt } from "../../api/features/orders/render-receipt.ts";

const id = "01980a2b-3c4d-7e5f-8a9b-0c1d2e3f4a5b";

function orderWith(terms: Partial<Order> = {}): Order {
  return {
    id,
    cartId: "01980a2b-0000-7e5f-8a9b-0c1d2e3f4a5b",
    userId: "user",
    email: "buyer@example.org",
    status: "paid",
    totalCents: 7_550,
    currency: "EUR",
    items: [itemOf("Opening night", 2, 2_525), itemOf("Matinée", 1, 2_500)],
    payment: { provider: "demo", status: "succeeded", token: null, reference: "demo_1", declineReason: null },
    holdUntilMs: 0,
    keyDigest: null,
    createdAtMs: Date.UTC(2027, 0, 14, 23, 59),
    settledAtMs: Date.UTC(2027, 0, 15, 8),
    paidAtMs: Date.UTC(2027, 0, 15, 8),
    refundedAtMs: null,
    receiptSentAtMs: null,
    ...terms,
  };
}

function itemOf(name: string, quantity: number, priceCents: number): Order["items"][number] {
  return { eventId: id, reservationId: id, quantity, name, priceCents, currency: "EUR" };
}

const refunding: Partial<Order> = {
  status: "refunded",
  payment: { provider: "demo", status: "refunding", token: null, reference: "demo_1", declineReason: null },
};

describe("a receipt", () => {
  test("tells as text what was bought, for how much, when, and where to find it", () => {
    const { to, subject, text } = renderReceipt(orderWith(), "https://shop.example");
    expect(to).toBe("buyer@example.org");
    expect(subject).toBe("Your tickets: Opening night and 1 more");
    expect(text).toContain(`Order   ${id}\nPaid    15 January 2027 at 08:00 UTC\n`);
    expect(text).toContain("2 x Opening night: €50.50\n1 x Matinée: €25.00\nTotal: €75.50\n");
    expect(text).toContain(`https://shop.example/orders/${id}`);
  });

  test("says the same on its page, which needs nothing from anywhere", () => {
    const { html } = renderReceipt(orderWith(), "https://shop.example");
    for (const part of [id, "€50.50", "€25.00", "€75.50", "Opening night", "15 January 2027 at 08:00 UTC"])
      expect(html).toContain(part);
    expect(html).toContain('<html lang="en">');
    expect(html.match(/<th scope="(?:row|col)"/g)).toHaveLength(6);
    expect(html.match(/https?:\/\/[^"]+/g)).toEqual([`https://shop.example/orders/${id}`]);
    expect(html).not.toMatch(/<(?:img|script|link|style)\b/);
  });

  test("shows an event's name as it is, whatever it contains", () => {
    const name = `<script>"R&B" 'n' more</script>`;
    const { html, text, subject } = renderReceipt(
      orderWith({ items: [itemOf(`${name}\r\nBcc: x`, 1, 1)] }),
      null,
    );
    expect(html).toContain("&lt;script&gt;&quot;R&amp;B&quot; &#39;n&#39; more&lt;/script&gt;");
    expect(html).not.toContain("<script");
    expect(text).toContain(name);
    expect(subject).toBe(`Your tickets: ${name} Bcc: x`);
  });

  test("has no link where nobody knows the shop's address", () => {
    const { html, text } = renderReceipt(orderWith(), null);
    expect(text + html).not.toMatch(/See the order|href|null/);
  });

  test("is the same message, with the same id, whenever it is rendered", () => {
    expect(renderReceipt(orderWith(), null)).toEqual(renderReceipt(orderWith(), null));
    expect(renderReceipt(orderWith(), null).messageId).toBe(`${id}.paid@holdfast`);
  });

  test("of an order that was taken back says that its tickets are not valid, under an id of its own", () => {
    const { messageId, subject, text, html } = renderReceipt(orderWith(refunding), null);
    expect(messageId).toBe(`${id}.refunded@holdfast`);
    expect(subject).toMatch(/^Your order was refunded: /);
    for (const part of ["no longer valid", "goes back to the card", "14 January 2027", "Refund"])
      expect([text, html].every((body) => body.includes(part))).toBe(true);
  });

  test("of a payment that came too late says why there are no tickets", () => {
    const { text } = renderReceipt(orderWith({ ...refunding, paidAtMs: null }), null);
    expect(text).toContain("had gone back on sale");
    expect(text).not.toContain("no longer valid");
  });

  test("of what cost nothing speaks of no card", () => {
    const free: Partial<Order> = {
      totalCents: 0,
      items: [itemOf("Open day", 1, 0)],
      payment: { provider: "demo", status: "none", token: null, reference: null, declineReason: null },
    };
    expect(renderReceipt(orderWith(free), null).text).toContain("Total: €0.00");
    expect(renderReceipt(orderWith({ ...free, status: "refunded" }), null).text).not.toContain("card");
  });

  test.each(["pending", "declined", "cancelled"] as const)(
    "does not exist for an order that is %s",
    (status) => {
      expect(() => renderReceipt(orderWith({ status }), null)).toThrow(
        `An order that is ${status} has no receipt.`,
      );
    },
  );
});

test.each([
  [1_250, "USD", "$12.50"],
  [123_456_789, "EUR", "€1,234,567.89"],
  [0, "GBP", "£0.00"],
  [120_000, "JPY", "¥1,200"],
  [1_050, "JPY", "¥10.50"],
  [1_234, "KWD", "KWD\u00a012.340"],
  [500, "CAD", "CA$5.00"],
])("%i hundredths of %s read %s", (amountCents, currency, expected) => {
  expect(formatAmount(amountCents, currency)).toBe(expected);
});
