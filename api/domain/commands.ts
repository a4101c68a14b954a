import type { Event, Restock } from "./event.ts";
import type { Reservation } from "./reservation.ts";

/** Asks for tickets for one user. */
export interface HoldCommand {
  readonly kind: "hold";
  readonly eventId: string;
  readonly userId: string;
  /** 1 to the event's `maxQuantity`. */
  readonly quantity: number;
}

/** Who asks for a change of a reservation. A buyer sees and moves only what is theirs. */
export type Requester = { readonly role: "service" } | { readonly role: "buyer"; readonly userId: string };

export interface ConfirmCommand {
  readonly kind: "confirm";
  readonly eventId: string;
  readonly reservationId: string;
  readonly requester: Requester;
}

export interface ExtendCommand {
  readonly kind: "extend";
  readonly eventId: string;
  readonly reservationId: string;
  readonly requester: Requester;
}

export interface CancelCommand {
  readonly kind: "cancel";
  readonly eventId: string;
  readonly reservationId: string;
  readonly requester: Requester;
}

/** Tidies one overdue hold away; sent by the sweeper, never by a client. */
export interface ExpireCommand {
  readonly kind: "expire";
  readonly eventId: string;
  readonly reservationId: string;
}

/** What may be changed about an event after it was made. Absent fields stay as they are. */
export interface EventChange {
  readonly name?: string;
  readonly capacity?: number;
  readonly priceCents?: number;
  readonly currency?: string;
  readonly holdSeconds?: number;
  readonly maxQuantity?: number;
  readonly maxExtensions?: number;
  readonly salesStartAtMs?: number | null;
  readonly salesEndAtMs?: number | null;
  readonly requiresVerifiedPhone?: boolean;
  readonly restock?: Restock | null;
}

export interface ChangeEventCommand {
  readonly kind: "change_event";
  readonly eventId: string;
  readonly change: EventChange;
  readonly actor: string;
}

/** Stops or restarts sales. A pause ends no hold: what is held may still be confirmed. */
export interface SetPausedCommand {
  readonly kind: "set_paused";
  readonly eventId: string;
  /** Null resumes. */
  readonly reason: string | null;
  readonly actor: string;
}

export type ReservationCommand = ConfirmCommand | ExtendCommand | CancelCommand | ExpireCommand;

/** Everything that moves an event's stock or its terms of sale. */
export type StockCommand = HoldCommand | ReservationCommand | ChangeEventCommand | SetPausedCommand;

/**
 * Why a hold was refused, in order of precedence: the first that applies is the answer.
 * `sold_out` is final unless stock comes back; `all_held` tells when the next hold ends.
 */
export type HoldRefusal =
  | { readonly kind: "event_not_found" }
  | { readonly kind: "sales_ended" }
  | { readonly kind: "sales_paused"; readonly reason: string }
  | { readonly kind: "sales_not_started"; readonly startsAtMs: number }
  | { readonly kind: "quantity_over_limit"; readonly maxQuantity: number }
  | { readonly kind: "phone_not_verified" }
  | { readonly kind: "duplicate_reservation"; readonly reservationId: string }
  | { readonly kind: "sold_out" }
  | { readonly kind: "all_held"; readonly nextExpiryAtMs: number | null }
  | { readonly kind: "not_enough_left"; readonly available: number };

/** Why a reservation could not be changed, in order of precedence. */
export type ReservationRefusal =
  | { readonly kind: "reservation_not_found" }
  | { readonly kind: "hold_ended"; readonly reservation: Reservation }
  | { readonly kind: "already_confirmed" }
  | { readonly kind: "payment_required" }
  | { readonly kind: "cancel_not_allowed" }
  | { readonly kind: "extension_limit"; readonly maxExtensions: number };

type EventRefusal =
  | { readonly kind: "event_not_found" }
  | { readonly kind: "capacity_too_low"; readonly heldAndSold: number }
  | { readonly kind: "sales_window_empty" };

/** The answer to one command. `not_due` is the sweeper's own: the hold was renewed or is gone. */
export type StockOutcome =
  | { readonly kind: "held"; readonly reservation: Reservation }
  | { readonly kind: "confirmed"; readonly reservation: Reservation }
  | { readonly kind: "extended"; readonly reservation: Reservation }
  | { readonly kind: "cancelled"; readonly reservation: Reservation }
  | { readonly kind: "expired"; readonly reservation: Reservation }
  | { readonly kind: "not_due" }
  | { readonly kind: "event_changed"; readonly event: Event; readonly nowMs: number }
  | HoldRefusal
  | ReservationRefusal
  | EventRefusal;
