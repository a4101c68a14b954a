import { CartBooks, pick, type SalesChanges, type SalesRead } from "./cart-books.ts";
import type { Event } from "./event.ts";
import { PairMap } from "./pair-map.ts";
import type { HoardingTerms } from "./hoarding-terms.ts";
import { RestockBooks, type RestockChanges } from "./restock-books.ts";
import type { RestockOrder } from "./restock-order.ts";
import { isOverdue, type Reservation, type ReservationStatus, type ReleaseCause } from "./reservation.ts";

/** One entry of the record of who changed an event's sale, and why. */
export interface AuditEntry {
  readonly eventId: string;
  readonly action: "paused" | "resumed" | "changed" | "restocked";
  readonly actor: string;
  readonly reason: string | null;
}

/** What must be written so that the database agrees with the books. */
export interface StockChanges extends SalesChanges, RestockChanges {
  /**
   * New rows, each as it is in the end, whatever its status: what a late payment bought is confirmed from the start,
   * and a cart's hold may have been replaced within its own transaction. They may carry a `cartId`. They are to be
   * written after `updated`, which may end what stands in the way of a user's next reservation.
   */
  readonly inserted: readonly Reservation[];
  readonly updated: readonly Reservation[];
  /** The counters or terms of these events changed; `version` has risen by one. */
  readonly events: readonly Event[];
  /** Those of `events` whose terms of sale changed, not only their counters. */
  readonly termsChanged: readonly Event[];
  /** Those of `events` of which it changed which restock order is under way, or whether the next is held back. */
  readonly restockChanged: readonly Event[];
  readonly audits: readonly AuditEntry[];
}

/** What is read under the lock for commands that need more than stock. */
interface AlsoRead {
  /** The locked carts and their orders, if a command is about one. */
  readonly sales?: SalesRead | null;
  /** Those that the commands name. */
  readonly restockOrders?: Iterable<RestockOrder>;
  /** Of the users who ask for tickets of events that ask for a phone, by their ids. */
  readonly verifiedPhones?: ReadonlyMap<string, string>;
  /** Null: holds may expire as often as they like. Otherwise the latest expired ones of buyers who ask are read too. */
  readonly hoarding?: HoardingTerms | null;
}

/**
 * The books of one transaction: what was read under the lock, and every change made to it since.
 * It decides nothing. Each method keeps `available + held + sold = capacity`.
 */
export class StockBooks {
  readonly nowMs: number;
  /** The carts and orders that were read under the lock. */
  readonly sales: CartBooks;
  /** The restock orders that were read under the lock. */
  readonly restocks: RestockBooks;
  /** Null where nobody is judged by it. */
  readonly hoarding: HoardingTerms | null;
  readonly #events = new Map<string, Event>();
  readonly #hadHolds = new Set<string>();
  /** The events that have changed. */
  readonly #drafts = new Map<string, Draft>();
  readonly #changedTerms = new Set<string>();
  readonly #changedRestocks = new Set<string>();
  readonly #reservations = new Map<string, Reservation>();
  readonly #activeByUser = new PairMap<Reservation>();
  readonly #activeByPhone = new PairMap<Reservation>();
  /** The deadlines of holds that have expired, by the ids of the holds. Only kept where somebody is judged by them. */
  readonly #lapses = new PairMap<Map<string, number>>();
  readonly #verifiedPhones: ReadonlyMap<string, string>;
  readonly #earliestHolds = new Map<string, readonly string[]>();
  readonly #inserted = new Set<string>();
  readonly #updated = new Set<string>();
  /** Holds whose deadline was moved other than by an extension, perhaps to before that of others. */
  readonly #rescheduled = new Set<string>();
  readonly #audits: AuditEntry[] = [];

  /**
   * @param events the locked events
   * @param reservations every reservation that the commands name, those behind the items of their carts and orders,
   *   and the active ones of their users and of their phones
   * @param earliestHolds for events short of stock: their holds that end first, in that order
   * @param nowMs database time, taken after the locks
   * @param alsoRead what only some commands need
   */
  constructor(
    events: Iterable<Event>,
    reservations: Iterable<Reservation>,
    earliestHolds: ReadonlyMap<string, readonly Reservation[]>,
    nowMs: number,
    { sales = null, restockOrders = [], verifiedPhones = new Map(), hoarding = null }: AlsoRead = {},
  ) {
    this.nowMs = nowMs;
    this.hoarding = hoarding;
    this.#verifiedPhones = verifiedPhones;
    this.sales = new CartBooks(sales);
    this.restocks = new RestockBooks(restockOrders);
    for (const event of events) {
      this.#events.set(event.id, event);
      if (event.held > 0) this.#hadHolds.add(event.id);
    }
    for (const reservation of reservations) this.#remember(reservation);
    for (const [eventId, holds] of earliestHolds) {
      for (const hold of holds) this.#remember(hold);
      this.#earliestHolds.set(
        eventId,
        holds.map((hold) => hold.id),
      );
    }
  }

  /** The event as it is now. A later change of its stock shows in the same object; copy it to keep it. */
  event(eventId: string): Event | undefined {
    return this.#events.get(eventId);
  }

  reservation(reservationId: string): Reservation | undefined {
    return this.#reservations.get(reservationId);
  }

  /** The user's reservation that is held or confirmed, even when its deadline has passed. */
  activeOf(eventId: string, userId: string): Reservation | undefined {
    return this.#activeByUser.get(eventId, userId);
  }

  /** The phone's reservation that is held or confirmed, whoever has it and even when its deadline has passed. */
  activeByPhone(eventId: string, verifiedPhone: string): Reservation | undefined {
    return this.#activeByPhone.get(eventId, verifiedPhone);
  }

  /** The phone that a user has verified; null without one, and unless one of the events asks for it. */
  phoneOf(userId: string): string | null {
    return this.#verifiedPhones.get(userId) ?? null;
  }

  /** Ends the overdue ones among the holds that end first, so that nobody waits for the sweeper. */
  expireOverdue(eventId: string): void {
    for (const reservationId of this.#earliestHolds.get(eventId) ?? []) {
      const hold = this.#reservations.get(reservationId);
      if (hold !== undefined && isOverdue(hold, this.nowMs)) this.release(hold, "expired", "deadline_passed");
    }
  }

  /** When holds of the user expired, as far as that was read or happened here; in no order, in ms. */
  lapsesOf(eventId: string, userId: string): Iterable<number> {
    return this.#lapses.get(eventId, userId)?.values() ?? [];
  }

  /** When the next hold of the event ends, in ms, or null when that is not known. */
  nextExpiryAtMs(eventId: string): number | null {
    const earliestIds = this.#earliestHolds.get(eventId);
    // Without a list, the holds made here are all there is only if there were none before.
    if (earliestIds === undefined && this.#hadHolds.has(eventId)) return null;
    let earliestMs = Infinity;
    for (const ids of [earliestIds ?? [], this.#inserted, this.#rescheduled]) {
      for (const id of ids) {
        const hold = this.#reservations.get(id);
        if (hold?.status === "held" && hold.eventId === eventId)
          earliestMs = Math.min(earliestMs, hold.expiresAtMs);
      }
    }
    return earliestMs === Infinity ? null : earliestMs;
  }

  /** Moves the new hold's tickets from available to held. */
  hold(event: Event, hold: Reservation): void {
    this.#moveStock(event, -hold.quantity, hold.quantity, 0);
    this.#inserted.add(hold.id);
    this.#remember(hold);
  }

  /** Moves a hold's tickets to sold. */
  confirm(hold: Reservation): Reservation {
    this.#moveStock(this.#eventOf(hold), 0, -hold.quantity, hold.quantity);
    return this.#replace({ ...hold, status: "confirmed", confirmedAtMs: this.nowMs });
  }

  /** Gives a hold a later deadline; the stock does not move. */
  extend(hold: Reservation, expiresAtMs: number): Reservation {
    return this.#replace({ ...hold, expiresAtMs, extendedAtMs: [...hold.extendedAtMs, this.nowMs] });
  }

  /** Puts a hold under another deadline, which is no extension and may be earlier; the stock does not move. */
  reschedule(hold: Reservation, expiresAtMs: number): Reservation {
    if (hold.expiresAtMs === expiresAtMs) return hold;
    this.#rescheduled.add(hold.id);
    return this.#replace({ ...hold, expiresAtMs });
  }

  /** Returns a reservation's tickets to the free stock, from wherever they are. */
  release(reservation: Reservation, status: ReservationStatus, cause: ReleaseCause): Reservation {
    const { quantity, verifiedPhone } = reservation;
    const wasHeld = reservation.status === "held";
    this.#moveStock(this.#eventOf(reservation), quantity, wasHeld ? -quantity : 0, wasHeld ? 0 : -quantity);
    this.#activeByUser.delete(reservation.eventId, reservation.userId);
    if (verifiedPhone !== null) this.#activeByPhone.delete(reservation.eventId, verifiedPhone);
    return this.#replace({ ...reservation, status, releasedAtMs: this.nowMs, cause });
  }

  /** Puts new terms of an event in place of the old ones, and says who did it. @returns a copy */
  changeEvent(event: Event, terms: Partial<Omit<Event, "id" | "version">>, audit: AuditEntry): Event {
    this.audit(audit);
    this.#changedTerms.add(event.id);
    const draft = Object.assign(this.#draftOf(event), terms);
    return { ...draft };
  }

  /** Notes which restock order of an event is under way, and whether the next one is held back. */
  setRestock(event: Event, state: Pick<Event, "restockOrderId" | "restockHeldBack">): void {
    this.#changedRestocks.add(event.id);
    Object.assign(this.#draftOf(event), state);
  }

  /** Says who changed something about an event's sale. */
  audit(entry: AuditEntry): void {
    this.#audits.push(entry);
  }

  changes(): StockChanges {
    return {
      ...this.sales.changes(),
      ...this.restocks.changes(),
      inserted: pick(this.#reservations, this.#inserted),
      updated: pick(this.#reservations, this.#updated).filter(({ id }) => !this.#inserted.has(id)),
      events: [...this.#drafts.values()],
      termsChanged: pick(this.#events, this.#changedTerms),
      restockChanged: pick(this.#events, this.#changedRestocks),
      audits: this.#audits,
    };
  }

  #remember(reservation: Reservation): void {
    this.#reservations.set(reservation.id, reservation);
    const { eventId, userId, status, verifiedPhone } = reservation;
    if (status === "expired" && this.hoarding !== null) this.#noteLapse(reservation);
    if (status !== "held" && status !== "confirmed") return;
    this.#activeByUser.set(eventId, userId, reservation);
    if (verifiedPhone !== null) this.#activeByPhone.set(eventId, verifiedPhone, reservation);
  }

  #noteLapse({ eventId, userId, id, expiresAtMs }: Reservation): void {
    const known = this.#lapses.get(eventId, userId) ?? new Map<string, number>();
    this.#lapses.set(eventId, userId, known.set(id, expiresAtMs));
  }

  #replace(reservation: Reservation): Reservation {
    this.#updated.add(reservation.id);
    this.#remember(reservation);
    return reservation;
  }

  #eventOf(reservation: Reservation): Event {
    const event = this.#events.get(reservation.eventId);
    if (event === undefined)
      throw new Error(`Reservation ${reservation.id} belongs to an event that is not locked.`);
    return event;
  }

  #moveStock(event: Event, available: number, held: number, sold: number): void {
    const draft = this.#draftOf(event);
    draft.available += available;
    draft.held += held;
    draft.sold += sold;
    if (draft.available < 0 || draft.held < 0 || draft.sold < 0) {
      throw new Error(`Stock of event ${event.id} would fall below zero.`);
    }
  }

  /** The books' own copy of an event, which later changes are made in. */
  #draftOf(event: Event): Draft {
    const known = this.#drafts.get(event.id);
    if (known !== undefined) return known;
    const draft: Draft = { ...event, version: event.version + 1 };
    this.#drafts.set(event.id, draft);
    this.#events.set(event.id, draft);
    return draft;
  }
}

/** An event whose counters and terms may still change. */
type Draft = { -readonly [Key in keyof Event]: Event[Key] };
