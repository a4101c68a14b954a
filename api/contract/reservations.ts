import { z } from "zod";
import { instant, userId, uuid, wholeNumber } from "./values.ts";

export const holdTicketsBody = z.strictObject({
  user_id: userId,
  quantity: wholeNumber(1, 20).default(1).describe("How many tickets; the event may allow fewer than 20."),
});

export const reservationStatus = z.enum(["held", "confirmed", "cancelled", "expired"]);

const releaseCause = z.enum(["cancelled_by_buyer", "cancelled_by_service", "deadline_passed"]);

export const reservationReply = z.strictObject({
  id: uuid,
  event_id: uuid,
  user_id: z.string(),
  quantity: z.int().min(1).describe("How many tickets."),
  status: reservationStatus,
  expires_at: instant.describe(
    "The hold's deadline, by the database's clock. From this moment on it has ended.",
  ),
  created_at: instant,
  confirmed_at: instant.nullable().describe("When it became a sale; null if it has not."),
  released_at: instant.nullable().describe("When its tickets were returned; null while it has them."),
  cause: releaseCause.nullable().describe("Why its tickets were returned; null while it has them."),
  cart_id: uuid.nullable().describe("The cart that it belongs to; null for none."),
});

export const historyStep = z.strictObject({
  status: reservationStatus,
  at: instant,
  cause: z.string().describe("What led to this step."),
});

export const reservationWithHistoryReply = reservationReply.extend({
  history: z.array(historyStep).describe("Every step, oldest first."),
});

export type ReservationReply = z.infer<typeof reservationReply>;
export type ReservationWithHistoryReply = z.infer<typeof reservationWithHistoryReply>;
