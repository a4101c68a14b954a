import type { CartCommand, EventChange, Requester, StockCommand } from "../../api/domain/commands.ts";
import type { Event } from "../../api/domain/event.ts";
import type { RestockCommand } from "../../api/domain/restock-commands.ts";
import type { Reservation } from "../../api/domain/reservation.ts";

/** An event's terms. The model keeps no counters: they are counted from the tickets whenever they are asked for. */
export type Terms = Omit<Event, "available" | "held" | "sold" | "version">;

/** Everything that is about single reservations and events. */
export type SaleCommand = Exclude<StockCommand, CartCommand | RestockCommand>;

export type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

interface Shelf {
  terms: Mutable<Terms>;
  /** One entry for each ticket: the reservation that has it, or null while it is free. */
  tickets: (Mutable<Reservation> | null)[];
}

/** An outcome as the model tells it: the kind, and the members that a client would see. */
export type ModelOutcome = { readonly kind: string } & Readonly<Record<string, unknown>>;

/**
 * The rules of a sale told a second time, as plainly as possible and for one command at a time: numbered tickets
 * on a shelf, each free or with one reservation. It shares no code with the service, only the words.
 */
export class StockModel {
  readonly shelves = new Map<string, Shelf>();
  readonly reservations: Mutable<Reservation>[] = [];
  /** The phones that users have verified. */
  readonly phones = new Map<string, string>();
  /** The events of which a ticket moved or a term changed, until somebody empties the set. */
  readonly touched = new Set<string>();
  readonly audits: { eventId: string; action: string; actor: string; reason: string | null }[] = [];

  addEvent(terms: Terms): void {
    const tickets = Array.from({ length: terms.capacity }, () => null);
    this.shelves.set(terms.id, { terms: { ...terms }, tickets });
  }

  /** The event as clients see it, without its version. */
  eventAsSeen(eventId: string): Omit<Event, "version"> {
    const { terms, tickets } = this.shelf(eventId);
    const owners = tickets.map((owner) => owner?.status ?? "free");
    const count = (state: string) => owners.filter((owner) => owner === state).length;
    return {
      ...terms,
      capacity: tickets.length,
      available: count("free"),
      held: count("held"),
      sold: count("confirmed"),
    };
  }

  run(command: SaleCommand, nowMs: number, makeId: () => string): ModelOutcome {
    if (!this.shelves.has(command.eventId)) return { kind: unknownEvent(command) };
    if (command.kind === "hold")
      return this.#hold(command.eventId, command.userId, command.quantity, nowMs, makeId);
    if (command.kind === "change_event")
      return this.#change(command.eventId, command.change, command.actor, nowMs);
    if (command.kind === "set_paused")
      return this.#pause(command.eventId, command.reason, command.actor, nowMs);
    const reservation = this.reservations.find(
      ({ id, eventId }) => id === command.reservationId && eventId === command.eventId,
    );
    if (command.kind === "expire") {
      if (reservation === undefined || !this.lapse(reservation, nowMs)) return { kind: "not_due" };
      return { kind: "expired", reservation: { ...reservation } };
    }
    if (reservation === undefined || !mayTouch(command.requester, reservation))
      return { kind: "reservation_not_found" };
    this.lapse(reservation, nowMs);
    if (reservation.cartId !== null && !hasEnded(reservation))
      return { kind: "reservation_in_cart", cartId: reservation.cartId };
    if (command.kind === "confirm") return this.#confirm(reservation, command.requester, nowMs);
    if (command.kind === "extend") return this.#extend(reservation, nowMs);
    return this.#cancel(reservation, command.requester, nowMs);
  }

  #hold(
    eventId: string,
    userId: string,
    quantity: number,
    nowMs: number,
    makeId: () => string,
  ): ModelOutcome {
    const owner = { userId, verifiedPhone: this.phoneFor(eventId, userId) };
    const refusal =
      this.refuseTerms(eventId, quantity, nowMs, owner.verifiedPhone) ??
      this.findSeats(eventId, owner, quantity, nowMs);
    if (refusal !== null) return refusal;
    const expiresAtMs = nowMs + 1000 * this.shelf(eventId).terms.holdSeconds;
    const hold = this.seat({ ...owner, id: makeId(), eventId, quantity, expiresAtMs, cartId: null }, nowMs);
    return { kind: "held", reservation: { ...hold } };
  }

  phoneFor(eventId: string, userId: string): string | null {
    return this.shelf(eventId).terms.requiresVerifiedPhone ? (this.phones.get(userId) ?? null) : null;
  }

  refuseTerms(
    eventId: string,
    quantity: number,
    nowMs: number,
    verifiedPhone: string | null,
  ): ModelOutcome | null {
    const { terms } = this.shelf(eventId);
    if (terms.salesEndAtMs !== null && terms.salesEndAtMs <= nowMs) return { kind: "sales_ended" };
    if (terms.pausedReason !== null) return { kind: "sales_paused", reason: terms.pausedReason };
    if (terms.salesStartAtMs !== null && terms.salesStartAtMs > nowMs) {
      return { kind: "sales_not_started", startsAtMs: terms.salesStartAtMs };
    }
    if (quantity > terms.maxQuantity) return { kind: "quantity_over_limit", maxQuantity: terms.maxQuantity };
    const mustVerify = terms.requiresVerifiedPhone && verifiedPhone === null;
    return mustVerify ? { kind: "phone_not_verified" } : null;
  }

  /** Why a user cannot have seats, counting those of `given` as free; null when there are enough. */
  findSeats(
    eventId: string,
    { userId, verifiedPhone }: Pick<Reservation, "userId" | "verifiedPhone">,
    quantity: number,
    nowMs: number,
    given: Reservation | null = null,
  ): ModelOutcome | null {
    const { tickets } = this.shelf(eventId);
    const isMine = (owner: Reservation | null) => owner?.userId === userId;
    const isOfMyPhone = (owner: Reservation | null) =>
      verifiedPhone !== null && owner?.verifiedPhone === verifiedPhone;
    for (const counts of [isMine, isOfMyPhone]) {
      const owned = tickets.find(counts) ?? null;
      if (owned !== null && owned !== given && !this.lapse(owned, nowMs))
        return { kind: "duplicate_reservation", reservationId: owned.id };
    }
    const withoutGiven = () => tickets.map((owner) => (owner === given ? null : owner));
    const countFree = () => withoutGiven().filter((owner) => owner === null).length;
    if (countFree() < quantity) {
      for (const owner of new Set(tickets)) if (owner !== null) this.lapse(owner, nowMs);
    }
    return countFree() < quantity ? shortage(withoutGiven()) : null;
  }

  /** Gives free seats to a new hold. */
  seat(
    asked: Pick<
      Reservation,
      "id" | "eventId" | "userId" | "quantity" | "expiresAtMs" | "cartId" | "verifiedPhone"
    >,
    nowMs: number,
  ): Mutable<Reservation> {
    const { tickets } = this.shelf(asked.eventId);
    const seats = tickets.flatMap((owner, seat) => (owner === null ? [seat] : [])).slice(0, asked.quantity);
    if (seats.length < asked.quantity) throw new Error("The model was asked for more seats than are free.");
    const hold: Mutable<Reservation> = {
      ...asked,
      status: "held",
      createdAtMs: nowMs,
      confirmedAtMs: null,
      releasedAtMs: null,
      cause: null,
      extendedAtMs: [],
    };
    for (const seat of seats) tickets[seat] = hold;
    this.reservations.push(hold);
    this.touched.add(asked.eventId);
    return hold;
  }

  sell(hold: Mutable<Reservation>, nowMs: number): void {
    Object.assign(hold, { status: "confirmed", confirmedAtMs: nowMs });
    this.touched.add(hold.eventId);
  }

  #confirm(reservation: Mutable<Reservation>, requester: Requester, nowMs: number): ModelOutcome {
    if (hasEnded(reservation)) return { kind: "hold_ended", reservation: { ...reservation } };
    if (reservation.status === "held") {
      const mustPay = this.shelf(reservation.eventId).terms.priceCents > 0;
      if (mustPay && requester.role === "buyer") return { kind: "payment_required" };
      this.sell(reservation, nowMs);
    }
    return { kind: "confirmed", reservation: { ...reservation } };
  }

  #extend(reservation: Mutable<Reservation>, nowMs: number): ModelOutcome {
    if (hasEnded(reservation)) return { kind: "hold_ended", reservation: { ...reservation } };
    if (reservation.status === "confirmed") return { kind: "already_confirmed" };
    const { maxExtensions, holdSeconds } = this.shelf(reservation.eventId).terms;
    if (reservation.extendedAtMs.length >= maxExtensions) return { kind: "extension_limit", maxExtensions };
    reservation.extendedAtMs = [...reservation.extendedAtMs, nowMs];
    reservation.expiresAtMs += 1000 * holdSeconds;
    return { kind: "extended", reservation: { ...reservation } };
  }

  #cancel(reservation: Mutable<Reservation>, requester: Requester, nowMs: number): ModelOutcome {
    if (!hasEnded(reservation)) {
      if (requester.role === "buyer" && reservation.status === "confirmed")
        return { kind: "cancel_not_allowed" };
      this.giveBack(reservation, "cancelled", `cancelled_by_${requester.role}`, nowMs);
    }
    return { kind: "cancelled", reservation: { ...reservation } };
  }

  #change(eventId: string, change: EventChange, actor: string, nowMs: number): ModelOutcome {
    const { terms, tickets } = this.shelf(eventId);
    const { capacity = tickets.length, ...rest } = change;
    const taken = tickets.filter((owner) => owner !== null);
    if (capacity < taken.length) return { kind: "capacity_too_low", heldAndSold: taken.length };
    const next = { ...terms, ...rest };
    if (
      next.salesStartAtMs !== null &&
      next.salesEndAtMs !== null &&
      !(next.salesStartAtMs < next.salesEndAtMs)
    ) {
      return { kind: "sales_window_empty" };
    }
    if (Object.keys(change).length === 0) {
      return { kind: "event_changed", event: this.eventAsSeen(eventId), nowMs };
    }
    Object.assign(terms, rest);
    tickets.splice(0, Infinity, ...taken, ...Array.from({ length: capacity - taken.length }, () => null));
    this.touched.add(eventId);
    this.audits.push({ eventId, action: "changed", actor, reason: null });
    return { kind: "event_changed", event: this.eventAsSeen(eventId), nowMs };
  }

  #pause(eventId: string, reason: string | null, actor: string, nowMs: number): ModelOutcome {
    const { terms } = this.shelf(eventId);
    if (terms.pausedReason !== reason) {
      terms.pausedReason = reason;
      this.touched.add(eventId);
      this.audits.push({ eventId, action: reason === null ? "resumed" : "paused", actor, reason });
    }
    return { kind: "event_changed", event: this.eventAsSeen(eventId), nowMs };
  }

  /** Ends a hold whose time is up. @returns whether it was one */
  lapse(reservation: Mutable<Reservation>, nowMs: number): boolean {
    if (reservation.status !== "held" || reservation.expiresAtMs > nowMs) return false;
    this.giveBack(reservation, "expired", "deadline_passed", nowMs);
    return true;
  }

  giveBack(reservation: Mutable<Reservation>, status: string, cause: string, nowMs: number): void {
    const { tickets } = this.shelf(reservation.eventId);
    tickets.forEach((owner, seat) => {
      if (owner === reservation) tickets[seat] = null;
    });
    Object.assign(reservation, { status, cause, releasedAtMs: nowMs });
    this.touched.add(reservation.eventId);
  }

  shelf(eventId: string): Shelf {
    const shelf = this.shelves.get(eventId);
    if (shelf === undefined) throw new Error(`The model has no event ${eventId}.`);
    return shelf;
  }
}

function unknownEvent(command: SaleCommand): string {
  if (command.kind === "expire") return "not_due";
  return "reservationId" in command ? "reservation_not_found" : "event_not_found";
}

function mayTouch(requester: Requester, reservation: Reservation): boolean {
  return requester.role === "service" || requester.userId === reservation.userId;
}

function hasEnded(reservation: Reservation): boolean {
  return reservation.status === "cancelled" || reservation.status === "expired";
}

function shortage(tickets: readonly (Reservation | null)[]): ModelOutcome {
  const available = tickets.filter((owner) => owner === null).length;
  if (available > 0) return { kind: "not_enough_left", available };
  const deadlines = tickets.flatMap((owner) => (owner?.status === "held" ? [owner.expiresAtMs] : []));
  return deadlines.length === 0
    ? { kind: "sold_out" }
    : { kind: "all_held", nextExpiryAtMs: Math.min(...deadlines) };
}
