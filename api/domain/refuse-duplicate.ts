import type { HoldRefusal } from "./commands.ts";
import type { Event } from "./event.ts";
import type { Reservation } from "./reservation.ts";
import { isOverdue } from "./reservation.ts";
import type { StockBooks } from "./stock-books.ts";

/** Whose a reservation is, or is to be. */
type Owner = Pick<Reservation, "userId" | "verifiedPhone">;

/** The phone under which a user gets tickets of this event; null where it asks for none, or the user has none. */
export function phoneFor(books: StockBooks, event: Event, userId: string): string | null {
  return event.requiresVerifiedPhone ? books.phoneOf(userId) : null;
}

/** The refusal of whoever has no verified phone, where the event asks for one. */
export function refuseUnverified(event: Event, verifiedPhone: string | null): HoldRefusal | null {
  return event.requiresVerifiedPhone && verifiedPhone === null ? { kind: "phone_not_verified" } : null;
}

/**
 * The refusal of whoever has tickets of the event already, be it as another user with the same phone. An overdue hold
 * that stands in the way ends here.
 *
 * @param ownHold is to be replaced, and so stands in nobody's way
 */
export function refuseDuplicate(
  books: StockBooks,
  eventId: string,
  { userId, verifiedPhone }: Owner,
  ownHold: Reservation | null = null,
): HoldRefusal | null {
  const byUser = clearTheWay(books, books.activeOf(eventId, userId), ownHold);
  if (byUser !== null || verifiedPhone === null) return byUser;
  return clearTheWay(books, books.activeByPhone(eventId, verifiedPhone), ownHold);
}

function clearTheWay(
  books: StockBooks,
  active: Reservation | undefined,
  ownHold: Reservation | null,
): HoldRefusal | null {
  if (active === undefined || active.id === ownHold?.id) return null;
  if (!isOverdue(active, books.nowMs)) return { kind: "duplicate_reservation", reservationId: active.id };
  books.release(active, "expired", "deadline_passed");
  return null;
}
