import { setTimeout as wait } from "node:timers/promises";
import type { DemoBooks, DemoPayment, NewDemoPayment } from "./demo-books.ts";
import {
  type AbandonResult,
  type ChargeRequest,
  type ChargeResult,
  NoPaymentAnswerError,
  type PaymentProvider,
  type RefundRequest,
} from "./payment-provider.ts";
import { SharedRounds } from "../../kernel/shared-rounds.ts";
import { waitForAnswer } from "./wait-for-answer.ts";

/** How long `tok_slow` takes. */
const slowMs = 5_000;
/** How long after the end of the hold `tok_late` succeeds. */
const lateByMs = 1_000;
/** How long the reply to `tok_lost` is waited for when the caller sets no limit. */
const lostReplyMs = 10_000;
const paymentsPerRoundMax = 500;
const paymentsWaitingMax = 10_000;

const referencePrefix = "demo_";

/**
 * A provider for trying things out: no money moves. Its tokens name what happens: `tok_ok`, `tok_declined`,
 * `tok_slow`, `tok_lost` (charged, but the first reply never arrives), `tok_late` (succeeds after the hold has ended).
 * Any other is declined.
 */
export class DemoPayments implements PaymentProvider {
  readonly #books: DemoBooks;
  readonly #rounds: SharedRounds<NewDemoPayment, DemoPayment>;
  readonly #lostReplyMs: number;

  /** @param options.lostReplyMs how long a reply that never arrives is waited for */
  constructor(books: DemoBooks, options: { readonly lostReplyMs?: number } = {}) {
    this.#books = books;
    this.#rounds = new SharedRounds((payments) => books.enter(payments), {
      itemsMax: paymentsPerRoundMax,
      waitingMax: paymentsWaitingMax,
    });
    this.#lostReplyMs = options.lostReplyMs ?? lostReplyMs;
  }

  async charge(request: ChargeRequest, signal: AbortSignal): Promise<ChargeResult> {
    const plan = planOf(request);
    const payment = await this.#enter(plan, signal);
    if (payment.token === "tok_lost" && payment.isNew) {
      await pause(this.#lostReplyMs, signal);
      throw new NoPaymentAnswerError("The reply was lost on its way.");
    }
    if (payment.token === "tok_slow" && payment.remainingMs !== null) {
      await pause(payment.remainingMs, signal);
      return resultOf(await this.#enter(plan, signal));
    }
    return resultOf(payment);
  }

  async abandon(request: ChargeRequest, signal: AbortSignal): Promise<AbandonResult> {
    // What is entered here keeps a charge that is still on its way from ever being entered.
    const tombstone = { ...planOf(request), ...planned("never_charged") };
    const payment = await this.#enter(tombstone, signal);
    return payment.status === "never_charged" ? { kind: "never_charged" } : resultOf(payment);
  }

  async refund({ key, reference, amountCents }: RefundRequest, signal: AbortSignal): Promise<void> {
    requireAmount(amountCents);
    signal.throwIfAborted();
    const chargeKey = reference.slice(referencePrefix.length);
    const refunding = this.#books.refund(chargeKey, key, amountCents).catch(rethrowAsNoAnswer);
    const result = await waitForAnswer(refunding, signal);
    if (result !== "refunded") throw new Error(`The demo's provider refused a refund: ${result}.`);
  }

  async #enter(payment: NewDemoPayment, signal: AbortSignal): Promise<DemoPayment> {
    if (signal.aborted) throw new NoPaymentAnswerError("Nobody waits for the answer; nothing was asked.");
    return waitForAnswer(this.#rounds.ask(payment).catch(rethrowAsNoAnswer), signal);
  }
}

function planOf({ key, amountCents, currency, token, holdUntilMs }: ChargeRequest): NewDemoPayment {
  requireAmount(amountCents);
  return { key, amountCents, currency, token, ...planOfToken(token, holdUntilMs) };
}

type Plan = Pick<NewDemoPayment, "status" | "succeedsAtMs" | "succeedsAfterMs">;

function planOfToken(token: string, holdUntilMs: number): Plan {
  if (token === "tok_ok" || token === "tok_lost") return planned("succeeded");
  if (token === "tok_slow") return { ...planned("processing"), succeedsAfterMs: slowMs };
  if (token === "tok_late") return { ...planned("processing"), succeedsAtMs: holdUntilMs + lateByMs };
  return planned("declined");
}

function planned(status: NewDemoPayment["status"]): Plan {
  return { status, succeedsAtMs: null, succeedsAfterMs: null };
}

function resultOf({ key, token, status }: DemoPayment): ChargeResult {
  switch (status) {
    case "succeeded":
      return { kind: "succeeded", reference: referencePrefix + key };
    case "processing":
      return { kind: "processing" };
    case "declined":
      return { kind: "declined", reason: reasonOf(token) };
    case "never_charged":
      return { kind: "declined", reason: "The payment was given up before it arrived." };
  }
}

function reasonOf(token: string): string {
  return token === "tok_declined" ? "The card was declined." : "Unknown token: the demo takes tok_ok.";
}

/** One bad amount would fail the whole round that it shares. */
function requireAmount(amountCents: number): void {
  if (!Number.isSafeInteger(amountCents) || amountCents <= 0)
    throw new RangeError(`An amount must be a whole number above 0, not ${amountCents}.`);
}

/** The books are the provider's: when they cannot be reached, it has not answered. */
function rethrowAsNoAnswer(error: unknown): never {
  throw new NoPaymentAnswerError("The demo's payment provider did not answer.", { cause: error });
}

/** @throws NoPaymentAnswerError when the signal aborts first */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    throw new NoPaymentAnswerError("Nobody waited for the answer any longer.", { cause: error });
  }
}
