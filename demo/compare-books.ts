import type { EventReply } from "../api/contract/events.ts";
import type { ReservationReply } from "../api/contract/reservations.ts";
import type { Purchase, SaleLedger } from "./sale-ledger.ts";

/** The service's side of the books, read after the sale. */
export interface ServiceBooks {
  /** The event before its reservations were read, and after. */
  readonly before: EventReply;
  readonly after: EventReply;
  readonly reservations: readonly ReservationReply[];
  /** False when there were too many to read; then the newest are there. */
  readonly isComplete: boolean;
  readonly total: number;
}

/** What was promised to the buyers. */
export type Promises = Pick<SaleLedger, "purchases" | "held" | "confirmed" | "holdRefusals"> & {
  /** Whether a user is one of this rehearsal's buyers. */
  readonly isOurs: (userId: string) => boolean;
  /** The capacity that the event was created with. */
  readonly capacity: number;
};

export interface Comparison {
  /** One sentence for each broken promise; empty when all were kept. */
  readonly complaints: readonly string[];
  /** Reservations of buyers whom this rehearsal did not send. */
  readonly others: number;
  /** Holds of this rehearsal's buyers that ended before they were paid. */
  readonly endedUnpaid: number;
}

/**
 * Compares what buyers were told with what the service has. A buyer who was told nothing may have a reservation or
 * not; everyone else must have exactly what was acknowledged.
 */
export function compareBooks(promises: Promises, books: ServiceBooks): Comparison {
  const ours = books.reservations.filter(({ user_id }) => promises.isOurs(user_id));
  const others = books.reservations.length - ours.length;
  const complaints = [
    ...complainAboutCounters(books.before),
    ...complainAboutCounters(books.after),
    ...complainAboutReservations(promises, books, ours),
    ...complainAboutSums(promises, books, others),
  ];
  const endedUnpaid = ours.filter(({ status }) => status === "expired").length;
  return { complaints, others, endedUnpaid };
}

function complainAboutCounters({ capacity, sold, held, available }: EventReply): string[] {
  if (sold + held + available === capacity && Math.min(sold, held, available) >= 0) return [];
  return [`The event says that ${sold} sold + ${held} held + ${available} free are its ${capacity} tickets.`];
}

function complainAboutReservations(
  promises: Promises,
  books: ServiceBooks,
  ours: readonly ReservationReply[],
): string[] {
  const complaints: string[] = [];
  const found = new Map<string, ReservationReply>();
  for (const reservation of ours) {
    const { user_id } = reservation;
    if (found.has(user_id)) complaints.push(`${user_id} has two reservations.`);
    found.set(user_id, reservation);
    const purchase = promises.purchases.get(user_id);
    if (purchase === undefined)
      complaints.push(`${user_id} was refused and has the reservation ${reservation.id} all the same.`);
    else complaints.push(...complainAboutOne(purchase, reservation));
  }
  if (!books.isComplete) return complaints;
  for (const [userId, { reservationId }] of promises.purchases) {
    if (reservationId !== null && !found.has(userId))
      complaints.push(`The reservation ${reservationId} of ${userId} was acknowledged and is not there.`);
  }
  return complaints;
}

function complainAboutOne(purchase: Purchase, reservation: ReservationReply): string[] {
  const { id, user_id, status, expires_at, released_at } = reservation;
  const complaints: string[] = [];
  if (purchase.reservationId !== null && purchase.reservationId !== id)
    complaints.push(`${user_id} was given the reservation ${purchase.reservationId} and has ${id}.`);
  if (reservation.quantity !== 1)
    complaints.push(`The reservation ${id} has ${reservation.quantity} tickets instead of 1.`);
  const isSold = status === "confirmed";
  if (purchase.payment === "confirmed" && !isSold)
    complaints.push(`The sale of ${id} was acknowledged, and it is ${status}.`);
  if ((purchase.payment === "not_sent" || purchase.payment === "refused") && isSold)
    complaints.push(`The reservation ${id} is confirmed, and nobody was told so.`);
  if (status === "expired" && (released_at === null || Date.parse(released_at) < Date.parse(expires_at)))
    complaints.push(`The hold ${id} was ended at ${released_at}, before its deadline ${expires_at}.`);
  return complaints;
}

/** Compares the event's counters with the sum of its reservations, and both with what was promised. */
function complainAboutSums(promises: Promises, books: ServiceBooks, others: number): string[] {
  const { before, after, reservations, isComplete, total } = books;
  const complaints: string[] = [];
  if (total < promises.held)
    complaints.push(`${promises.held} holds were acknowledged, and the service has ${total}.`);
  if (after.sold < promises.confirmed)
    complaints.push(`${promises.confirmed} sales were acknowledged, and the event says ${after.sold}.`);
  const isAllOurs = isComplete && others === 0;
  // Nothing of a rehearsal is cancelled, so an event that was sold out stays sold out while its capacity is the same.
  if (isAllOurs && promises.holdRefusals.has("sold_out") && after.sold < after.capacity) {
    if (after.capacity === promises.capacity)
      complaints.push(`Buyers were told "sold out", and only ${after.sold} of ${after.capacity} are sold.`);
  }
  if (!isComplete) return complaints;
  const sold = ticketsOf(reservations, "confirmed");
  const held = ticketsOf(reservations, "held");
  const isStill = before.version === after.version;
  // While holds end, each page is read a little later than the counters; then what is held lies between them.
  if (isStill ? sold !== after.sold : others === 0 && !isBetween(sold, before.sold, after.sold))
    complaints.push(`The event says ${after.sold} sold, and its reservations add up to ${sold}.`);
  if (isStill ? held !== after.held : others === 0 && !isBetween(held, after.held, before.held))
    complaints.push(`The event says ${after.held} held, and its reservations add up to ${held}.`);
  return complaints;
}

function ticketsOf(reservations: readonly ReservationReply[], status: ReservationReply["status"]): number {
  return reservations.reduce((sum, each) => (each.status === status ? sum + each.quantity : sum), 0);
}

function isBetween(value: number, low: number, high: number): boolean {
  return low <= value && value <= high;
}
