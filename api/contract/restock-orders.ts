import { z } from "zod";
import { instant, uuid, wholeNumber } from "./values.ts";

export const reportDeliveryBody = z.strictObject({
  restock_order_id: uuid.describe("As the supplier was told it."),
  quantity: wholeNumber(1, 10_000_000).describe("How many tickets were delivered: as many as were ordered."),
});

export const restockStatus = z.enum(["open", "placed", "delivered", "given_up", "cancelled"]);

export const restockOrderReply = z.strictObject({
  id: uuid,
  event_id: uuid,
  quantity: z.int().min(1).describe("How many tickets were ordered."),
  supplier_url: z.string().describe("Where they were ordered, as the event's rule said at that moment."),
  status: restockStatus.describe(
    "`open`: the supplier is being asked. `placed`: it has taken the order. `delivered`: the event's capacity has risen by `quantity`. `given_up`: it refused for good, or was asked in vain for too long. `cancelled`: somebody here ended it.",
  ),
  attempts: z.int().min(0).describe("How often the supplier was asked."),
  last_error: z
    .string()
    .nullable()
    .describe("Why the last attempt failed or the order was ended; null when nothing went wrong."),
  supplier_reference: z.string().nullable().describe("The supplier's own name for it; null if it gave none."),
  created_at: instant,
  placed_at: instant
    .nullable()
    .describe("When the supplier took it; null if it did not, or delivered at once."),
  delivered_at: instant.nullable(),
  closed_at: instant.nullable().describe("When it was given up or cancelled."),
});

export type RestockOrderReply = z.infer<typeof restockOrderReply>;
