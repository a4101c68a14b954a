import { z } from "zod";
import { instant, userId, uuid, wholeNumber } from "./values.ts";

export const holdTicketsBody = z.strictObject({
  user_id: userId,
  quantity: wholeNumber(1, 20).default(1),
});

export const reservationStatus = z.enum(["held", "confirmed", "cancelled", "expired"]);

const releaseCause = z.enum(["cancelled_by_buyer", "cancelled_by_service", "deadline_passed"]);

export const reservationReply = z.strictObject({
  id: uuid,
  event_id: uuid,
  user_id: z.string(),
  quantity: z.int().min(1),
  status: reservationStatus,
  expires_at: instant,
  created_at: instant,
  confirmed_at: instant.nullable(),
  released_at: instant.nullable(),
  cause: releaseCause.nullable(),
  cart_id: uuid.nullable(),
});

export const historyStep = z.strictObject({
  status: reservationStatus,
  at: instant,
  cause: z.string(),
});

export const reservationWithHistoryReply = reservationReply.extend({ history: z.array(historyStep) });

export type HoldTicketsBody = z.infer<typeof holdTicketsBody>;
export type ReservationReply = z.infer<typeof reservationReply>;
export type ReservationWithHistoryReply = z.infer<typeof reservationWithHistoryReply>;
