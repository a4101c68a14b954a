export type ReservationStatus = "held" | "confirmed" | "cancelled" | "expired";

/** Why a reservation ended. */
export type ReleaseCause = "cancelled_by_buyer" | "cancelled_by_service" | "deadline_passed";

export interface Reservation {
  readonly id: string;
  readonly eventId: string;
  readonly userId: string;
  readonly quantity: number;
  readonly status: ReservationStatus;
  readonly expiresAtMs: number;
  readonly createdAtMs: number;
  readonly confirmedAtMs: number | null;
  readonly releasedAtMs: number | null;
  readonly cause: ReleaseCause | null;
  readonly cartId: string | null;
  /** The phone that its user had verified, where the event asks for one; null elsewhere. */
  readonly verifiedPhone: string | null;
  /** When the deadline was moved, oldest first. Its length is the number of extensions used. */
  readonly extendedAtMs: readonly number[];
}

/** One step in the life of a reservation. */
export interface HistoryStep {
  readonly status: ReservationStatus;
  readonly atMs: number;
  readonly cause: string;
}

/** Makes the id of a new reservation of the event with that number, at that database time. */
export type MakeReservationId = (eventNumber: number, nowMs: number) => string;

/** A new hold. Whoever has paid for it already confirms it at once. */
export function newHold(
  given: Pick<
    Reservation,
    "id" | "eventId" | "userId" | "quantity" | "expiresAtMs" | "createdAtMs" | "cartId" | "verifiedPhone"
  >,
): Reservation {
  return {
    id: given.id,
    eventId: given.eventId,
    userId: given.userId,
    quantity: given.quantity,
    status: "held",
    expiresAtMs: given.expiresAtMs,
    createdAtMs: given.createdAtMs,
    confirmedAtMs: null,
    releasedAtMs: null,
    cause: null,
    cartId: given.cartId,
    verifiedPhone: given.verifiedPhone,
    extendedAtMs: [],
  };
}

/**
 * Whether a hold's deadline has passed at `nowMs` (database time).
 * A hold is over at the very moment of its deadline, swept or not.
 */
export function isOverdue(reservation: Reservation, nowMs: number): boolean {
  return reservation.status === "held" && nowMs >= reservation.expiresAtMs;
}

/** The whole life of a reservation, oldest step first, told from its own timestamps. */
export function historyOf(reservation: Reservation): HistoryStep[] {
  const steps: HistoryStep[] = [{ status: "held", atMs: reservation.createdAtMs, cause: "requested" }];
  for (const atMs of reservation.extendedAtMs) steps.push({ status: "held", atMs, cause: "extended" });
  if (reservation.confirmedAtMs !== null) {
    steps.push({ status: "confirmed", atMs: reservation.confirmedAtMs, cause: "confirmed" });
  }
  if (reservation.releasedAtMs !== null && reservation.cause !== null) {
    steps.push({ status: reservation.status, atMs: reservation.releasedAtMs, cause: reservation.cause });
  }
  return steps;
}
