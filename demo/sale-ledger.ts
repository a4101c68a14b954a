import { problemCodeOf } from "./http-sender.ts";
import type { Effort } from "./keep-trying.ts";

/** What a buyer was told about the payment. */
export type Payment = "not_sent" | "confirmed" | "refused" | "unknown";

/** A buyer who was told that tickets are held, or was told nothing. */
export interface Purchase {
  readonly buyerNumber: number;
  /** Null when no answer came, so that there may be a reservation or not. */
  readonly reservationId: string | null;
  payment: Payment;
}

/** How often each refusal was given, by its code. */
export type Refusals = Map<string, number>;

/** What the buyers were told: the side of the books that the service's own is compared with. */
export class SaleLedger {
  arrived = 0;
  /** Buyers who were sent later than planned, since too many were under way. */
  delayed = 0;
  delayMsMax = 0;
  held = 0;
  confirmed = 0;
  holdsUnknown = 0;
  confirmsUnknown = 0;
  /** Buyers with at least one repetition, and all repetitions. */
  retriedBuyers = 0;
  retries = 0;
  readonly holdRefusals: Refusals = new Map();
  readonly confirmRefusals: Refusals = new Map();
  /** From the planned arrival to the definite answer. */
  readonly holdLatenciesMs: number[] = [];
  /** From the wish to pay to the definite answer. */
  readonly confirmLatenciesMs: number[] = [];
  /** By user. Buyers who were refused are not in it. */
  readonly purchases = new Map<string, Purchase>();
  /** Buyers who were served to the end, payment included. */
  finished = 0;
  /** Buyers whose hold is not decided yet. */
  unanswered = 0;
  #silentSinceMs = 0;

  /** For how long somebody has been waiting while nobody was answered. */
  silentMs(nowMs: number): number {
    return this.unanswered === 0 ? 0 : nowMs - this.#silentSinceMs;
  }

  recordArrival(nowMs: number): void {
    if (this.unanswered === 0) this.#silentSinceMs = nowMs;
    this.arrived += 1;
    this.unanswered += 1;
  }

  /** @returns the id of the reservation to pay for; null when there is none */
  recordHold(
    buyer: { readonly number: number; readonly userId: string },
    effort: Effort,
    when: { readonly sinceMs: number; readonly nowMs: number },
  ): string | null {
    this.#recordTries(effort, when.nowMs);
    this.unanswered -= 1;
    if (effort.kind === "gave_up") {
      this.holdsUnknown += 1;
      this.#open(buyer, null);
      return null;
    }
    this.holdLatenciesMs.push(when.nowMs - when.sinceMs);
    const reservationId = effort.answer.status === 201 ? idOf(effort.answer.body) : null;
    if (reservationId === null) {
      count(this.holdRefusals, codeOf(effort));
      return null;
    }
    this.held += 1;
    this.#open(buyer, reservationId);
    return reservationId;
  }

  recordConfirm(
    userId: string,
    effort: Effort,
    when: { readonly sinceMs: number; readonly nowMs: number },
  ): void {
    this.#recordTries(effort, when.nowMs);
    const payment = this.#recordPayment(effort);
    if (payment !== "unknown") this.confirmLatenciesMs.push(when.nowMs - when.sinceMs);
    const purchase = this.purchases.get(userId);
    if (purchase !== undefined) purchase.payment = payment;
  }

  #recordPayment(effort: Effort): Payment {
    if (effort.kind === "gave_up") {
      this.confirmsUnknown += 1;
      return "unknown";
    }
    if (effort.answer.status === 200) {
      this.confirmed += 1;
      return "confirmed";
    }
    count(this.confirmRefusals, codeOf(effort));
    return "refused";
  }

  #open(buyer: { readonly number: number; readonly userId: string }, reservationId: string | null): void {
    const purchase: Purchase = { buyerNumber: buyer.number, reservationId, payment: "not_sent" };
    this.purchases.set(buyer.userId, purchase);
  }

  #recordTries(effort: Effort, nowMs: number): void {
    if (effort.tries > 1) this.retriedBuyers += 1;
    this.retries += effort.tries - 1;
    if (effort.kind === "answered") this.#silentSinceMs = nowMs;
  }
}

function idOf(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("id" in body)) return null;
  return typeof body.id === "string" ? body.id : null;
}

function codeOf(effort: Extract<Effort, { kind: "answered" }>): string {
  return problemCodeOf(effort.answer) ?? `status_${effort.answer.status}`;
}

function count(refusals: Refusals, code: string): void {
  refusals.set(code, (refusals.get(code) ?? 0) + 1);
}
