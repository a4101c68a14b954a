import { z } from "zod";
import { instant, userId, uuid, wholeNumber } from "./values.ts";

export const putCartItemBody = z.strictObject({
  user_id: userId,
  quantity: wholeNumber(1, 20)
    .default(1)
    .describe("How many tickets the cart is to hold; the event may allow fewer than 20."),
});

export const cartItem = z.strictObject({
  event_id: uuid,
  name: z.string().describe("The event's name when the item was put in the cart."),
  quantity: z.int().min(1),
  price_cents: z
    .int()
    .min(0)
    .describe("What one ticket costs at checkout, as it was when the item was put in the cart."),
  currency: z.string().describe("An ISO 4217 code."),
  status: z
    .enum(["held", "sold", "expired"])
    .describe("Whether its tickets are kept for this cart, bought, or free again."),
  reservation_id: uuid.describe("The hold behind the item."),
});

const cartStatus = z.enum(["open", "paying", "ordered", "expired"]);

export const cartReply = z.strictObject({
  id: uuid.describe("Made by the client."),
  user_id: z.string(),
  status: cartStatus.describe(
    "`open`: may be filled and checked out. `paying`: an order of it is pending. `ordered`: it was paid. `expired`: its deadline has passed; put the items in again to try again.",
  ),
  expires_at: instant
    .nullable()
    .describe("The one deadline of all its holds, set by the first; null while there was none."),
  items: z.array(cartItem),
  total_cents: z.int().min(0).describe("What the held or bought items cost together."),
  currency: z.string().nullable().describe("The currency of all its items; null while it has none."),
  extensions_left: z.int().min(0).describe("How often the deadline may still be moved."),
  order_id: uuid.nullable().describe("The order that was begun last; null before the first."),
  created_at: instant,
});

export type CartReply = z.infer<typeof cartReply>;
export type CartItemReply = z.infer<typeof cartItem>;
