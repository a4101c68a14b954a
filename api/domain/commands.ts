import type { CartView } from "./cart.ts";
import type { Event, Restock } from "./event.ts";
import type { Order, PaymentResult, ProviderName } from "./order.ts";
import type { Reservation } from "./reservation.ts";
import type { RestockCommand, RestockOutcome } from "./restock-commands.ts";

/** Asks for tickets for one user. */
export interface HoldCommand {
  readonly kind: "hold";
  readonly eventId: string;
  readonly userId: string;
  /** 1 to the event's `maxQuantity`. */
  readonly quantity: number;
  /** The shop when absent. */
  readonly requester?: Requester;
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

/**
 * Puts tickets of an event in a cart, or changes how many. The first item of a cart without living holds sets its
 * deadline, later ones take it over. Asking for what is already so changes nothing.
 */
export interface PutCartItemCommand {
  readonly kind: "put_cart_item";
  readonly eventId: string;
  readonly cartId: string;
  readonly userId: string;
  readonly quantity: number;
  readonly requester: Requester;
}

/** Takes an item out of a cart and returns its tickets, if it still has any. */
export interface RemoveCartItemCommand {
  readonly kind: "remove_cart_item";
  readonly eventId: string;
  readonly cartId: string;
  readonly requester: Requester;
}

/** Moves a cart's deadline, and with it the deadlines of all its holds. */
export interface ExtendCartCommand {
  readonly kind: "extend_cart";
  /** The events of all items, as the cart was seen without a lock. */
  readonly eventIds: readonly string[];
  readonly cartId: string;
  readonly requester: Requester;
}

/** Makes a pending order of a whole cart and keeps its tickets while the payment is under way. */
export interface BeginCheckoutCommand {
  readonly kind: "begin_checkout";
  readonly eventIds: readonly string[];
  readonly cartId: string;
  readonly requester: Requester;
  readonly orderId: string;
  readonly email: string;
  readonly provider: ProviderName;
  readonly token: string;
  /** Whether the shop takes payments through it. A cart that costs nothing does not need it. */
  readonly isProviderAvailable: boolean;
  /** How long after its beginning a payment keeps the tickets, whatever the cart's deadline says. */
  readonly graceMs: number;
  /** The digest of the request's idempotency key. The desk fills it in, from the claim that comes along. */
  readonly keyDigest?: string | null;
}

/** Brings a pending order to its end, by what came of its payment. For any other order nothing changes. */
export interface SettleOrderCommand {
  readonly kind: "settle_order";
  readonly eventIds: readonly string[];
  readonly cartId: string;
  readonly orderId: string;
  readonly result: PaymentResult;
}

/** Takes a paid order back: its tickets return to the stock, and its money to the buyer. */
export interface RefundOrderCommand {
  readonly kind: "refund_order";
  readonly eventIds: readonly string[];
  readonly cartId: string;
  readonly orderId: string;
}

export type CartCommand =
  | PutCartItemCommand
  | RemoveCartItemCommand
  | ExtendCartCommand
  | BeginCheckoutCommand
  | SettleOrderCommand
  | RefundOrderCommand;

export type ReservationCommand = ConfirmCommand | ExtendCommand | CancelCommand | ExpireCommand;

/** Everything that moves an event's stock or its terms of sale. */
export type StockCommand =
  | HoldCommand
  | ReservationCommand
  | ChangeEventCommand
  | SetPausedCommand
  | RestockCommand
  | CartCommand;

/** The events whose rows a command needs locked. */
export function eventIdsOf(command: StockCommand): readonly string[] {
  return "eventIds" in command ? command.eventIds : [command.eventId];
}

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
  | { readonly kind: "not_enough_left"; readonly available: number }
  /** Too many holds of this buyer on the event have expired. `nowMs` is the time of the decision. */
  | { readonly kind: "hoarding"; readonly allowedAtMs: number; readonly nowMs: number };

/** Why a reservation could not be changed, in order of precedence. */
export type ReservationRefusal =
  | { readonly kind: "reservation_not_found" }
  /** It belongs to a cart or to an order, and lives and dies with it. */
  | { readonly kind: "reservation_in_cart"; readonly cartId: string }
  | { readonly kind: "hold_ended"; readonly reservation: Reservation }
  | { readonly kind: "already_confirmed" }
  | { readonly kind: "payment_required" }
  | { readonly kind: "cancel_not_allowed" }
  | { readonly kind: "extension_limit"; readonly maxExtensions: number };

type EventRefusal =
  | { readonly kind: "event_not_found" }
  | { readonly kind: "capacity_too_low"; readonly heldAndSold: number }
  | { readonly kind: "sales_window_empty" };

/** Why a cart or an order could not be changed, in order of precedence. */
export type CartRefusal =
  | { readonly kind: "cart_not_found" }
  /** Its order is paid, or was before it was refunded. */
  | { readonly kind: "cart_ordered"; readonly orderId: string }
  | { readonly kind: "checkout_in_progress"; readonly orderId: string }
  | { readonly kind: "cart_empty" }
  | { readonly kind: "cart_expired"; readonly expiredAtMs: number }
  /** Items have come or gone since the caller looked; whoever asked looks again. Never an answer to a client. */
  | { readonly kind: "cart_outdated" }
  | { readonly kind: "provider_not_available" }
  | { readonly kind: "cart_full"; readonly itemsMax: number }
  | { readonly kind: "currency_mismatch"; readonly currency: string }
  | { readonly kind: "cart_extension_limit" }
  | { readonly kind: "order_not_found" }
  | { readonly kind: "order_not_paid"; readonly status: Order["status"] };

/** The answer to one command. `not_due` is the sweeper's own: the hold was renewed or is gone. */
export type StockOutcome =
  | { readonly kind: "held"; readonly reservation: Reservation }
  | { readonly kind: "confirmed"; readonly reservation: Reservation }
  | { readonly kind: "extended"; readonly reservation: Reservation }
  | { readonly kind: "cancelled"; readonly reservation: Reservation }
  | { readonly kind: "expired"; readonly reservation: Reservation }
  | { readonly kind: "not_due" }
  | { readonly kind: "event_changed"; readonly event: Event; readonly nowMs: number }
  | { readonly kind: "cart_saved"; readonly view: CartView }
  /** The payment may now be asked for. */
  | { readonly kind: "order_begun"; readonly order: Order }
  /** The order at its end, whoever brought it there. */
  | { readonly kind: "order_settled"; readonly order: Order }
  | HoldRefusal
  | ReservationRefusal
  | CartRefusal
  | RestockOutcome
  | EventRefusal;
