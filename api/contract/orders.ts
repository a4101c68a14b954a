import { z } from "zod";
import { instant, printableText, userId, uuid } from "./values.ts";

/** Strict enough to catch slips; whether the mailbox exists, only a message can tell. */
export const emailAddress = printableText(254)
  .refine((text) => /^[^\s@<>"(),;:\\]+@[^\s@<>"(),;:\\]+\.[^\s@<>"(),;:\\.]+$/.test(text), {
    message: "must be an e-mail address such as name@example.org",
  })
  .meta({ format: "email" });

export const paymentProvider = z.enum(["demo", "stripe"]);

export const checkOutBody = z.strictObject({
  email: emailAddress.describe("Where the receipt goes."),
  payment: z.strictObject({
    provider: paymentProvider,
    token: z
      .string()
      .regex(/^[\w-]{1,255}$/, "must be 1 to 255 letters, digits, _ or -")
      .describe("What the provider gave for the card; of `demo`, one of the `tok_...` words."),
  }),
});

export const orderItem = z.strictObject({
  event_id: uuid,
  reservation_id: uuid,
  name: z.string(),
  quantity: z.int().min(1),
  price_cents: z.int().min(0).describe("What one ticket cost."),
});

export const orderStatus = z.enum(["pending", "paid", "declined", "refunded", "cancelled"]);

const orderPayment = z.strictObject({
  provider: paymentProvider,
  status: z
    .enum(["processing", "succeeded", "declined", "never_charged", "refunding", "refunded", "none"])
    .describe("Where the money is. `none`: there was nothing to pay."),
  decline_reason: z.string().nullable().describe("What the provider said; null unless it declined."),
});

export const orderReply = z.strictObject({
  id: uuid,
  cart_id: uuid,
  user_id: z.string(),
  email: z.string(),
  status: orderStatus.describe(
    "`pending`: it is not known yet what came of the payment. `paid`: every item is sold. `declined`: nothing was charged, and the cart can be checked out again while it lasts. `refunded`: the tickets are not the buyer's and the money goes back, see `payment.status`. `cancelled`: it ended before anything was charged.",
  ),
  total_cents: z.int().min(0),
  currency: z.string().describe("An ISO 4217 code."),
  items: z.array(orderItem),
  payment: orderPayment,
  created_at: instant,
  paid_at: instant.nullable().describe("When it was paid; null if it was not."),
  refunded_at: instant.nullable().describe("When the provider took the refund; null before."),
});

export const orderListFilters = {
  user_id: userId.optional().describe("Orders of this user only. A buyer sees their own in any case."),
  status: orderStatus.optional(),
};

export type OrderReply = z.infer<typeof orderReply>;
