import type {
  AuditRow,
  EventRow,
  OrderRow,
  PaymentRow,
  ReservationRow,
  RestockRow,
} from "../../chaos/model/books.ts";

export type Mutable<Row> = { -readonly [Key in keyof Row]: Row[Key] };

export type SimulatedEvent = Mutable<EventRow> & {
  maxQuantity: number;
  maxExtensions: number;
  isPaused: boolean;
  asksForPhone: boolean;
};

/** What a service answers: a status and a document. */
export interface SimulatedReply {
  readonly status: number;
  readonly document: Readonly<Record<string, unknown>>;
}

/** The tickets of a correct service, told as plainly as possible: one request at a time, and nothing ever fails. */
export class SimulatedStock {
  readonly events = new Map<string, SimulatedEvent>();
  readonly reservations = new Map<string, Mutable<ReservationRow>>();
  readonly audits: Mutable<AuditRow>[] = [];
  readonly restocks = new Map<string, Mutable<RestockRow>>();
  readonly orders = new Map<string, Mutable<OrderRow>>();
  readonly payments = new Map<string, Mutable<PaymentRow>>();
  #ids = 0;

  newId(prefix: string): string {
    this.#ids += 1;
    return `${prefix}-${this.#ids}`;
  }

  problem(code: string, members: object = {}): SimulatedReply {
    const status = code.endsWith("_not_found") ? 404 : code === "hold_expired" ? 410 : 409;
    return { status, document: { code, request_id: this.newId("request"), ...members } };
  }

  /** Ends whatever is overdue. */
  sweep(nowMs: number): void {
    for (const row of this.reservations.values())
      if (row.status === "held" && row.expiresAtMs <= nowMs) this.release(row, "expired", nowMs);
  }

  /** @returns why a user cannot have tickets; null when they can */
  refuse(
    event: SimulatedEvent,
    {
      user,
      phone,
      own,
    }: { readonly user: string; readonly phone: string | null; readonly own?: ReservationRow },
    quantity: number,
  ): SimulatedReply | null {
    if (event.isPaused) return this.problem("sales_paused");
    const other = [...this.reservations.values()].find(
      (row) =>
        row.eventId === event.id &&
        row.id !== own?.id &&
        (row.status === "held" || row.status === "confirmed") &&
        (row.userId === user || (phone !== null && row.verifiedPhone === phone)),
    );
    if (other !== undefined) return this.problem("duplicate_reservation", { reservation_id: other.id });
    const free = event.available + (own?.quantity ?? 0);
    if (free >= quantity) return null;
    if (free > 0) return this.problem("not_enough_left", { available: free });
    return this.problem(event.held > 0 ? "all_held" : "sold_out");
  }

  take(
    event: SimulatedEvent,
    row: Pick<ReservationRow, "userId" | "quantity" | "expiresAtMs" | "cartId" | "verifiedPhone">,
    nowMs: number,
  ): Mutable<ReservationRow> {
    const made: Mutable<ReservationRow> = {
      id: this.newId("reservation"),
      eventId: event.id,
      status: "held",
      createdAtMs: nowMs,
      confirmedAtMs: null,
      releasedAtMs: null,
      cause: null,
      extendedAtMs: [],
      ...row,
    };
    this.reservations.set(made.id, made);
    event.available -= made.quantity;
    event.held += made.quantity;
    return made;
  }

  confirm(row: Mutable<ReservationRow>, nowMs: number): void {
    const event = this.eventOf(row);
    event.held -= row.quantity;
    event.sold += row.quantity;
    Object.assign(row, { status: "confirmed", confirmedAtMs: nowMs });
  }

  release(row: Mutable<ReservationRow>, status: "cancelled" | "expired", nowMs: number): void {
    const event = this.eventOf(row);
    if (row.status === "held") event.held -= row.quantity;
    else event.sold -= row.quantity;
    event.available += row.quantity;
    const cause = status === "expired" ? "deadline_passed" : "cancelled_by_service";
    Object.assign(row, { status, releasedAtMs: nowMs, cause });
  }

  eventOf({ eventId }: Pick<ReservationRow, "eventId">): SimulatedEvent {
    const event = this.events.get(eventId);
    if (event === undefined) throw new Error(`There is no event ${eventId}.`);
    return event;
  }
}

export function showReservation(row: ReservationRow): SimulatedReply["document"] {
  return {
    id: row.id,
    event_id: row.eventId,
    user_id: row.userId,
    quantity: row.quantity,
    status: row.status,
    expires_at: instant(row.expiresAtMs),
    created_at: instant(row.createdAtMs),
    confirmed_at: instant(row.confirmedAtMs),
    released_at: instant(row.releasedAtMs),
    cart_id: row.cartId,
  };
}

export function showEvent({ id, capacity, available, held, sold }: EventRow): SimulatedReply["document"] {
  return { id, capacity, available, held, sold };
}

export function showOrder({ id, cartId, userId, status, totalCents }: OrderRow): SimulatedReply["document"] {
  return { id, cart_id: cartId, user_id: userId, status, total_cents: totalCents };
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
