import type { Stripe } from "stripe";
import { openStripe, type StripeAddress } from "./open-stripe.ts";
import {
  type AbandonResult,
  type ChargeRequest,
  type ChargeResult,
  NoPaymentAnswerError,
  type PaymentProvider,
  type RefundRequest,
} from "./payment-provider.ts";
import { stripeAmountOf } from "./stripe-amounts.ts";
import {
  failureOf,
  type Intent,
  readCurrency,
  readIntent,
  readIntents,
  requireRefund,
  type StripeFailure,
} from "./stripe-answers.ts";
import { waitForAnswer } from "./wait-for-answer.ts";

/** What is asked of Stripe for one order. */
interface StripeOrder {
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  readonly token: string;
  readonly holdUntilMs: number;
}

export interface StripeOptions {
  readonly secretKey: string;
  /** Null is Stripe itself. */
  readonly address?: StripeAddress | null;
  /** This machine's clock, in ms since 1970; for what is reckoned in hours. */
  readonly nowMs?: () => number;
}

/** Stripe forgets a key after a day at the earliest. An order this old is looked for before anything is asked anew. */
const keyKnownMs = 20 * 3_600_000;
/** Stripe's search finds what is a minute old. So long after its hold, an order that is not found is not there. */
const searchLagMs = 15 * 60_000;
/** More calls than that at once are not begun; the order is asked for again later. */
const callsMax = 200;

const noCoin = "This amount cannot be paid in its currency.";
const needsBank =
  "The card's bank asks for a confirmation that cannot be given here. Please use another card.";

/**
 * Takes money through Stripe: one PaymentIntent for each order, created and confirmed by one call whose idempotency
 * key is the order's id. Whatever is asked again goes by the same key, and so is done once.
 */
export class StripePayments implements PaymentProvider {
  readonly #stripe: Stripe;
  readonly #nowMs: () => number;
  #calls = 0;

  constructor(stripe: Stripe, nowMs: () => number) {
    this.#stripe = stripe;
    this.#nowMs = nowMs;
  }

  static async open(options: StripeOptions): Promise<StripePayments> {
    const stripe = await openStripe(options.secretKey, options.address ?? null);
    return new StripePayments(stripe, options.nowMs ?? Date.now);
  }

  async charge(request: ChargeRequest, signal: AbortSignal): Promise<ChargeResult> {
    const order = orderOf(request);
    if (order === null) return { kind: "declined", reason: noCoin };
    if (this.#mayBeForgotten(order)) {
      const earlier = await this.#lookFor(order, signal);
      if (earlier !== null) return asChargeResult(earlier);
    }
    return this.#charge(order, signal, async (failure, error) => {
      if (failure.kind !== "key_reused") throw error;
      // It was given up, or asked for in another way by an earlier version: only the books can tell.
      return asChargeResult(await this.#giveUp(order, signal));
    });
  }

  async abandon(request: ChargeRequest, signal: AbortSignal): Promise<AbandonResult> {
    const order = orderOf(request);
    if (order === null) return { kind: "never_charged" };
    if (this.#mayBeForgotten(order)) {
      const earlier = await this.#lookFor(order, signal);
      if (earlier !== null) return earlier;
    }
    return this.#giveUp(order, signal);
  }

  async refund({ key, reference, amountCents }: RefundRequest, signal: AbortSignal): Promise<void> {
    const intent = await this.#ask(() => this.#stripe.paymentIntents.retrieve(reference), signal);
    const amount = stripeAmountOf(amountCents, readCurrency(intent));
    if (amount === null) throw new RangeError(noCoin);
    const create = () =>
      this.#stripe.refunds.create(
        { payment_intent: reference, amount, metadata: { refund_key: key } },
        { idempotencyKey: key },
      );
    let answer: unknown;
    try {
      answer = await this.#ask(create, signal);
    } catch (error) {
      const failure = failureOf(causeOf(error));
      // All of it went back already, under a key that Stripe has forgotten or by the shop's own hand.
      if (failure.kind === "refused" && failure.code === "charge_already_refunded") return;
      if (failure.kind === "unknown") throw error;
      throw new Error("Stripe refused a refund.", { cause: error });
    }
    requireRefund(answer, reference, amount);
  }

  /** Creates and confirms the order's intent, or reads what came of that before. */
  async #charge<Otherwise>(
    order: StripeOrder,
    signal: AbortSignal,
    otherwise: (failure: StripeFailure, error: unknown) => Promise<Otherwise>,
  ): Promise<ChargeResult | Otherwise> {
    let answer: unknown;
    try {
      answer = await this.#ask(() => this.#create(order, true), signal);
    } catch (error) {
      const failure = failureOf(causeOf(error));
      if (failure.kind === "declined") return declined(failure.message);
      if (failure.kind === "refused") return declined("The card or the amount was not accepted.");
      return otherwise(failure, error);
    }
    return asChargeResult(await this.#follow(readIntent(answer, order), order, signal));
  }

  /**
   * Takes the order's key with an intent that nobody confirms, and cancels it. If the charge came first, the key is
   * not free, and asking for the charge again tells what came of it.
   */
  async #giveUp(order: StripeOrder, signal: AbortSignal): Promise<AbandonResult> {
    let answer: unknown;
    try {
      answer = await this.#ask(() => this.#create(order, false), signal);
    } catch (error) {
      const failure = failureOf(causeOf(error));
      if (failure.kind === "key_reused") return this.#askAgain(order, signal);
      // What is refused unconfirmed would be refused confirmed as well; unless it was done in a better moment.
      if (failure.kind === "refused" || (failure.kind === "unknown" && failure.isOnRecord))
        return this.#searchUntilSure(order, signal);
      throw error;
    }
    return this.#follow(readIntent(answer, order), order, signal);
  }

  #askAgain(order: StripeOrder, signal: AbortSignal): Promise<AbandonResult> {
    return this.#charge<AbandonResult>(order, signal, async (failure, error) => {
      // A 5xx on record is all that this key will ever answer, and it tells nothing.
      if (failure.kind === "key_reused" || (failure.kind === "unknown" && failure.isOnRecord))
        return this.#searchUntilSure(order, signal);
      throw error;
    });
  }

  async #searchUntilSure(order: StripeOrder, signal: AbortSignal): Promise<AbandonResult> {
    const found = await this.#lookFor(order, signal);
    if (found !== null) return found;
    if (this.#nowMs() < order.holdUntilMs + searchLagMs)
      throw new NoPaymentAnswerError("Stripe's search has found no such payment yet.");
    return { kind: "never_charged" };
  }

  /** What came of all intents of the order; null when Stripe's search, which lags by a minute, finds none. */
  async #lookFor(order: StripeOrder, signal: AbortSignal): Promise<AbandonResult | null> {
    const query = `metadata["order_id"]:"${order.orderId}"`;
    const answer = await this.#ask(() => this.#stripe.paymentIntents.search({ query, limit: 100 }), signal);
    const results: AbandonResult[] = [];
    for (const intent of readIntents(answer, order)) results.push(await this.#follow(intent, order, signal));
    const byWeight = ["succeeded", "processing", "declined", "never_charged"] as const;
    for (const kind of byWeight) {
      const found = results.find((result) => result.kind === kind);
      if (found !== undefined) return found;
    }
    return null;
  }

  /**
   * Tells what an intent comes to. What Stripe keeps on record for a key is the first answer, so an intent that had
   * not ended is read again; one that waits for somebody is cancelled, so that it never charges later.
   */
  async #follow(first: Intent, order: StripeOrder, signal: AbortSignal): Promise<AbandonResult> {
    if (first.status === "succeeded") return { kind: "succeeded", reference: first.id };
    const intent = await this.#read(first.id, order, signal);
    switch (intent.status) {
      case "succeeded":
        return { kind: "succeeded", reference: intent.id };
      case "processing":
        return { kind: "processing" };
      case "canceled":
        return first.status === "requires_action" ? declined(needsBank) : { kind: "never_charged" };
      case "requires_action":
      case "requires_capture":
      case "requires_confirmation":
      case "requires_payment_method":
        return this.#cancel(intent, order, signal);
    }
  }

  async #cancel(intent: Intent, order: StripeOrder, signal: AbortSignal): Promise<AbandonResult> {
    // It may have moved on since it was read, and then this fails: whoever asks again reads it anew.
    const answer = await this.#ask(() => this.#stripe.paymentIntents.cancel(intent.id), signal);
    if (readIntent(answer, order).status !== "canceled")
      throw new NoPaymentAnswerError("Stripe has not cancelled a payment that it was to cancel.");
    if (intent.status === "requires_action") return declined(needsBank);
    const reason = intent.last_payment_error?.message;
    return reason === undefined ? { kind: "never_charged" } : declined(reason);
  }

  async #read(id: string, order: StripeOrder, signal: AbortSignal): Promise<Intent> {
    return readIntent(await this.#ask(() => this.#stripe.paymentIntents.retrieve(id), signal), order);
  }

  #create(order: StripeOrder, confirm: boolean): Promise<unknown> {
    const { orderId, amount, currency, token } = order;
    const method = token.startsWith("ctoken_") ? { confirmation_token: token } : { payment_method: token };
    return this.#stripe.paymentIntents.create(
      {
        amount,
        currency: currency.toLowerCase(),
        metadata: { order_id: orderId },
        // Nobody is sent to another page and back.
        automatic_payment_methods: { enabled: true, allow_redirects: "never" },
        ...(confirm && { confirm: true, ...method }),
      },
      { idempotencyKey: orderId },
    );
  }

  async #ask<Answer>(call: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) throw new NoPaymentAnswerError("Nobody waits for the answer; nothing was asked.");
    if (this.#calls >= callsMax) throw new NoPaymentAnswerError("Too many calls to Stripe are under way.");
    this.#calls += 1;
    const answer = call()
      .catch((error: unknown) => {
        throw new NoPaymentAnswerError("Stripe gave no usable answer.", { cause: error });
      })
      .finally(() => {
        this.#calls -= 1;
      });
    return waitForAnswer(answer, signal);
  }

  #mayBeForgotten({ orderId }: StripeOrder): boolean {
    return this.#nowMs() - madeAtMs(orderId) > keyKnownMs;
  }
}

function orderOf({ key, amountCents, currency, token, holdUntilMs }: ChargeRequest): StripeOrder | null {
  if (!/^[\w-]{1,100}$/.test(key)) throw new RangeError("A payment's key must be an order's id.");
  const amount = stripeAmountOf(amountCents, currency);
  return amount === null ? null : { orderId: key, amount, currency, token, holdUntilMs };
}

/** When a UUIDv7 was made: its first 48 bits, in ms since 1970. */
function madeAtMs(id: string): number {
  return Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}

function declined(reason: string): ChargeResult & AbandonResult {
  return { kind: "declined", reason: reason === "" ? "The card was declined." : reason.slice(0, 300) };
}

/** A charge that never took place was refused, as far as whoever asked for it is concerned. */
function asChargeResult(result: AbandonResult): ChargeResult {
  return result.kind === "never_charged" ? declined("The payment was given up before it arrived.") : result;
}

function causeOf(error: unknown): unknown {
  return error instanceof NoPaymentAnswerError ? error.cause : error;
}
