import { HoldfastError, type Problem, type ProblemCode, UnreachableError } from "@holdfast/client";
import { serverNowMs } from "../clock/server-clock.ts";
import { formatTickets } from "../format/money.ts";
import { formatDuration, formatInstant } from "../format/times.ts";

/** What a sentence can be told with: what the answer says, and how long it asks to wait. */
interface Refusal {
  readonly problem: Problem;
  readonly retryAfterSeconds: number | null;
}

type Sentence = string | ((refusal: Refusal) => string);

const reload = "Load the page again. If that does not help, the shop has to look at it.";
const ours = "The mistake is this page's, not yours. ";

/** What each refusal means to a buyer: what happened, and what to do. */
const sentences: Readonly<Record<ProblemCode, Sentence>> = {
  malformed_request: `${ours}${reload}`,
  signature_invalid: `${ours}${reload}`,
  unauthorized: "Your guest session has ended, so the shop does not know you any more.",
  payment_required: "These tickets have a price. Check out the cart to buy them.",
  forbidden: "You cannot do this here. Only the shop itself can.",
  not_found: "There is nothing at this address.",
  event_not_found: "This event does not exist, or not any more.",
  reservation_not_found: "This reservation cannot be found for you.",
  cart_not_found: "This cart cannot be found for you. Reserve again to start a new one.",
  customer_not_found: "This sign-up is not known any more. Please begin again.",
  order_not_found: "This order cannot be found for you.",
  restock_order_not_found: `${ours}${reload}`,
  api_key_not_found: `${ours}${reload}`,
  webhook_endpoint_not_found: `${ours}${reload}`,
  webhook_message_not_found: `${ours}${reload}`,
  webhook_endpoints_full: `${ours}${reload}`,
  webhook_endpoint_disabled: `${ours}${reload}`,
  job_not_found: `${ours}${reload}`,
  method_not_allowed: `${ours}${reload}`,
  request_timeout:
    "The request took too long to arrive, so nothing was done. Check your connection and try again.",
  duplicate_reservation:
    "You already have tickets for this event. Each person can have one reservation: look under My tickets, or in the browser that you reserved with.",
  sold_out: "The event is sold out.",
  all_held: tellAllHeld,
  not_enough_left: tellLeft,
  sales_not_started: tellStart,
  sales_ended: "Sales for this event have ended.",
  sales_paused: ({ problem }) =>
    `${problem.detail} Tickets that you already hold stay yours until they expire.`,
  phone_not_verified:
    "This event sells only to customers with a verified phone, and you do not have one here. Verify yours on the event's page.",
  extension_limit: "The time cannot be extended again. Please check out before it ends.",
  already_confirmed: "These tickets are yours already: look under My tickets.",
  reservation_in_cart: "These tickets are in a cart. Change them there.",
  cart_ordered: "This cart has been bought. Look under My tickets; reserve again to start a new cart.",
  checkout_in_progress:
    "We are checking your payment. Do not pay again. The cart cannot be changed meanwhile.",
  cart_empty: "Your cart is empty. Reserve tickets first.",
  cart_full: "Your cart is full: it can have 20 events at most. Check out first, or remove one.",
  currency_mismatch: ({ problem }) =>
    `Your cart is in ${problem.currency ?? "another currency"}, and is paid all at once. Check it out first, then reserve this one.`,
  order_not_paid: "Only a paid order can be refunded.",
  provider_not_available: "The shop does not take this way to pay. You have not been charged.",
  capacity_too_low: `${ours}${reload}`,
  capacity_too_high: `${ours}${reload}`,
  restock_order_closed: `${ours}${reload}`,
  restock_in_progress: `${ours}${reload}`,
  delivery_quantity_mismatch: `${ours}${reload}`,
  job_running: `${ours}${reload}`,
  job_not_cancellable: `${ours}${reload}`,
  job_not_retryable: `${ours}${reload}`,
  idempotency_in_progress: "The shop is still working on this very request. Wait a moment and try again.",
  hold_expired: "Your hold has ended, and its tickets are free again. Reserve them again.",
  cart_expired: "Your hold has ended. You have not been charged. Your list is kept: try to reserve again.",
  body_too_large: `${ours}${reload}`,
  unsupported_media_type: `${ours}${reload}`,
  validation_failed: tellInvalid,
  idempotency_mismatch: `${ours}${reload}`,
  rate_limited: tellOften,
  headers_too_large: `${ours}${reload}`,
  internal_error: ({ problem }) =>
    `Something went wrong at the shop. Try again; if it happens once more, tell the shop this number: ${problem.request_id}.`,
  overloaded: (refusal) => `Very many people are here at once. ${tellWait(refusal)}`,
  not_ready: (refusal) => `The shop is just opening. ${tellWait(refusal)}`,
  database_unavailable: (refusal) => `The shop cannot look things up at the moment. ${tellWait(refusal)}`,
};

/** What a failed call means to a buyer, in one or two sentences: what happened, and what to do. */
export function explain(error: unknown): string {
  if (error instanceof UnreachableError)
    return "The shop did not answer. Check your connection and try again.";
  if (!(error instanceof HoldfastError)) return `Something in this page went wrong. ${reload}`;
  const { code, problem, retryAfterSeconds } = error;
  if (code === null || problem === null)
    return "The shop cannot be reached at the moment. Try again in a moment.";
  // A later service may have problems that this page does not know; its own words are good then.
  const sentence: Sentence | undefined = Object.hasOwn(sentences, code) ? sentences[code] : undefined;
  if (sentence === undefined) return problem.detail;
  return typeof sentence === "string" ? sentence : sentence({ problem, retryAfterSeconds });
}

/** The stable code of a refusal; null when there was no answer, or none of Holdfast's. */
export function codeOf(error: unknown): ProblemCode | null {
  return error instanceof HoldfastError ? error.code : null;
}

/** Whether it is certain that a change was refused. Without an answer, or after a fault, it may have been made. */
export function isRefusal(error: unknown): boolean {
  return error instanceof HoldfastError && error.code !== null && error.status < 500;
}

function tellWait({ retryAfterSeconds }: Refusal): string {
  if (retryAfterSeconds === null || retryAfterSeconds <= 1) return "Try again in a moment.";
  return `Try again in ${formatDuration(retryAfterSeconds * 1_000)}.`;
}

function tellOften(refusal: Refusal): string {
  const allowedAt = refusal.problem.allowed_at;
  if (allowedAt === undefined) return `You have asked very often in a short time. ${tellWait(refusal)}`;
  return `You have reserved these tickets several times and let them go. You can reserve again at ${formatTime(allowedAt)}.`;
}

function tellAllHeld({ problem }: Refusal): string {
  const next = problem.next_expiry_at ?? null;
  if (next === null)
    return "All tickets are held by others at the moment. Some may come back: try again later.";
  return `All tickets are held by others at the moment. Some may come back at ${formatTime(next)}.`;
}

function tellLeft({ problem }: Refusal): string {
  if (problem.available === undefined) return "Fewer tickets are left than you asked for. Choose fewer.";
  return `Only ${formatTickets(problem.available)} ${problem.available === 1 ? "is" : "are"} left. Choose fewer.`;
}

function tellStart({ problem }: Refusal): string {
  if (problem.sales_start_at === undefined) return "Sales have not started yet.";
  return `Sales have not started yet. They start at ${formatTime(problem.sales_start_at)}.`;
}

function tellInvalid({ problem }: Refusal): string {
  const details = (problem.errors ?? []).map(({ pointer, detail }) => `${nameOf(pointer)} ${detail}.`);
  return details.length === 0 ? "Something that was entered is not valid." : details.join(" ");
}

function nameOf(pointer: string): string {
  if (pointer.endsWith("/quantity")) return "The number of tickets";
  if (pointer.endsWith("/email")) return "The e-mail address";
  if (pointer.endsWith("/search")) return "The search";
  if (pointer.endsWith("/phone_number")) return "The phone number";
  if (pointer.startsWith("/payment")) return "The card";
  return pointer.slice(1);
}

function formatTime(instant: string): string {
  return formatInstant(Date.parse(instant), serverNowMs());
}

/** The order that a refusal names, as that of a cart which is being paid or was bought; null for none. */
export function orderIdOf(error: unknown): string | null {
  return error instanceof HoldfastError ? (error.problem?.order_id ?? null) : null;
}

/** What is wrong with a value that was sent, by its pointer such as "/email"; null for nothing. */
export function mistakeAt(error: unknown, pointer: string): string | null {
  if (!(error instanceof HoldfastError)) return null;
  return error.problem?.errors?.find((each) => each.pointer === pointer)?.detail ?? null;
}

/** When sales start that had not started yet, in milliseconds since 1970; null for any other problem. */
export function salesStartOf(error: unknown): number | null {
  if (!(error instanceof HoldfastError) || error.code !== "sales_not_started") return null;
  const startsAt = error.problem?.sales_start_at;
  return startsAt === undefined ? null : Date.parse(startsAt);
}

/** How long a refusal asks to wait, in milliseconds; null when it does not say. */
export function retryAfterMsOf(error: unknown): number | null {
  if (!(error instanceof HoldfastError) || error.retryAfterSeconds === null) return null;
  return error.retryAfterSeconds * 1_000;
}
