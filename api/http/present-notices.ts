import type { Notice } from "../domain/webhook-notices.ts";
import { presentOrder } from "./present-carts.ts";
import { presentEvent, presentInstant, presentReservation } from "./present.ts";

/** The body of the message about something that happened. @param nowMs when it did, by the database's clock */
export function presentNotice(notice: Notice, nowMs: number): string {
  return JSON.stringify({
    type: notice.type,
    timestamp: presentInstant(nowMs),
    data: presentSubject(notice, nowMs),
  });
}

function presentSubject(notice: Notice, nowMs: number) {
  if ("reservation" in notice) return presentReservation(notice.reservation);
  return "order" in notice ? presentOrder(notice.order) : presentEvent(notice.event, nowMs);
}
