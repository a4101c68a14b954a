import type { DeskOutcome } from "../desk/waiting-command.ts";
import type { RestockRefusal } from "../domain/restock-commands.ts";
import { type CartRefusal, cartRefusalReply, isCartRefusal } from "./cart-refusal-reply.ts";
import { presentCart, presentOrder } from "./present-carts.ts";
import { presentRestockOrder } from "./present-restock.ts";
import { presentEvent, presentInstant, presentReservation } from "./present.ts";
import { problemReply } from "./problem-reply.ts";
import { isRestockRefusal, restockRefusalReply } from "./restock-refusal-reply.ts";
import { secondsUntil } from "./retry-after.ts";
import { jsonReply, jsonType, problemType, type Reply } from "./reply.ts";

/** What the desk says where it did what was asked. */
type Success = Extract<
  DeskOutcome,
  {
    kind:
      | "held"
      | "confirmed"
      | "extended"
      | "cancelled"
      | "expired"
      | "event_changed"
      | "cart_saved"
      | "order_begun"
      | "order_settled"
      | "restock_changed"
      | "recorded";
  }
>;

type Refusal = Exclude<DeskOutcome, Success | CartRefusal | RestockRefusal>;

/**
 * Every outcome of the desk as an answer: this and what it calls is the one place where outcomes become statuses.
 *
 * @param orderStatus the status that goes with an order: 201 where the call has made it
 */
export function outcomeReply(outcome: DeskOutcome, requestId: string, orderStatus: 200 | 201 = 200): Reply {
  switch (outcome.kind) {
    case "held":
      return jsonReply(201, presentReservation(outcome.reservation));
    case "confirmed":
    case "extended":
    case "cancelled":
    case "expired":
      return jsonReply(200, presentReservation(outcome.reservation));
    case "event_changed":
      return jsonReply(200, presentEvent(outcome.event, outcome.nowMs));
    case "cart_saved":
      return jsonReply(200, presentCart(outcome.view));
    case "order_begun":
    case "order_settled":
      return jsonReply(orderStatus, presentOrder(outcome.order));
    case "restock_changed":
      return jsonReply(200, presentRestockOrder(outcome.order));
    case "recorded":
      return recordedReply(outcome);
    default:
      if (isRestockRefusal(outcome)) return restockRefusalReply(outcome, requestId);
      return isCartRefusal(outcome) ? cartRefusalReply(outcome, requestId) : refusalReply(outcome, requestId);
  }
}
function refusalReply(refusal: Refusal, requestId: string): Reply {
  switch (refusal.kind) {
    case "event_not_found":
    case "sales_ended":
    case "phone_not_verified":
    case "sold_out":
    case "reservation_not_found":
    case "already_confirmed":
    case "payment_required":
    case "idempotency_mismatch":
    case "idempotency_in_progress":
    case "overloaded":
      return problemReply(refusal.kind, requestId);
    case "sales_paused":
      return problemReply("sales_paused", requestId, { detail: `Sales are paused: ${refusal.reason}` });
    case "sales_not_started":
      return problemReply("sales_not_started", requestId, {
        members: { sales_start_at: presentInstant(refusal.startsAtMs) },
      });
    case "quantity_over_limit":
      return problemReply("validation_failed", requestId, {
        errors: [{ pointer: "/quantity", detail: `must be at most ${refusal.maxQuantity} for this event` }],
      });
    case "duplicate_reservation":
      return problemReply("duplicate_reservation", requestId, {
        members: { reservation_id: refusal.reservationId },
      });
    case "all_held":
      return problemReply("all_held", requestId, {
        members: {
          next_expiry_at: refusal.nextExpiryAtMs === null ? null : presentInstant(refusal.nextExpiryAtMs),
        },
      });
    case "not_enough_left":
      return problemReply("not_enough_left", requestId, {
        detail: `Only ${refusal.available} left.`,
        members: { available: refusal.available },
      });
    case "hoarding":
      return hoardingReply(refusal, requestId);
    case "hold_ended":
      return holdEndedReply(refusal, requestId);
    case "cancel_not_allowed":
      return problemReply("forbidden", requestId, {
        detail: "Only the shop can cancel a confirmed reservation.",
      });
    case "extension_limit":
      return problemReply("extension_limit", requestId, {
        detail: `A hold on this event can be extended ${refusal.maxExtensions} times at most.`,
      });
    case "capacity_too_low":
      return problemReply("capacity_too_low", requestId, { members: { held_and_sold: refusal.heldAndSold } });
    case "sales_window_empty":
      return problemReply("validation_failed", requestId, {
        errors: [{ pointer: "/sales_end_at", detail: "must be later than sales_start_at" }],
      });
    case "database_unavailable":
      return problemReply("database_unavailable", requestId, { detail: unavailableDetail[refusal.effect] });
    case "not_due":
      throw new Error("The sweeper's own outcome cannot be an answer to a client.");
  }
}

const unavailableDetail = {
  none: "The database cannot be reached. Nothing was done.",
  unknown:
    "The database went away while the request was being committed, so whether it took effect is not known. " +
    "Send the same request with the same Idempotency-Key to find out.",
} as const;

function holdEndedReply(refusal: Extract<Refusal, { kind: "hold_ended" }>, requestId: string): Reply {
  const { status, expiresAtMs, releasedAtMs } = refusal.reservation;
  const detail =
    status === "cancelled"
      ? `The reservation was cancelled at ${presentInstant(releasedAtMs ?? expiresAtMs)}.`
      : `The hold ended at ${presentInstant(expiresAtMs)}.`;
  return problemReply("hold_expired", requestId, { detail });
}

function hoardingReply(
  { allowedAtMs, nowMs }: Extract<Refusal, { kind: "hoarding" }>,
  requestId: string,
): Reply {
  const allowedAt = presentInstant(allowedAtMs);
  return problemReply("rate_limited", requestId, {
    detail: `Holds of this user on this event have expired again and again. The next can be asked for at ${allowedAt}.`,
    members: { allowed_at: allowedAt },
    retryAfterSeconds: secondsUntil(allowedAtMs, nowMs),
  });
}

function recordedReply({ reply, replayed }: Extract<DeskOutcome, { kind: "recorded" }>): Reply {
  const { status, body } = reply;
  const headers = replayed ? ["Idempotent-Replayed", "true"] : [];
  return { status, body, contentType: status < 400 ? jsonType : problemType, headers };
}
