import {
  type AbandonResult,
  type ChargeRequest,
  type ChargeResult,
  NoPaymentAnswerError,
  type PaymentProvider,
  type RefundRequest,
} from "./payment-provider.ts";

export interface BadLine {
  /** The part of the calls that do not arrive, 0 to 1. */
  readonly failsBefore: number;
  /** The part of the answers that do not arrive, although everything was done, 0 to 1. */
  readonly failsAfter: number;
  /** Gives numbers from 0 to below 1. */
  readonly random?: () => number;
}

/** A provider at the end of a bad line, for rehearsing a sale with what real ones do on a bad day. */
export class UnreliablePayments implements PaymentProvider {
  readonly #provider: PaymentProvider;
  readonly #line: BadLine;

  constructor(provider: PaymentProvider, line: BadLine) {
    this.#provider = provider;
    this.#line = line;
  }

  charge(request: ChargeRequest, signal: AbortSignal): Promise<ChargeResult> {
    return this.#callOverBadLine(() => this.#provider.charge(request, signal));
  }

  abandon(request: ChargeRequest, signal: AbortSignal): Promise<AbandonResult> {
    return this.#callOverBadLine(() => this.#provider.abandon(request, signal));
  }

  refund(request: RefundRequest, signal: AbortSignal): Promise<void> {
    return this.#callOverBadLine(() => this.#provider.refund(request, signal));
  }

  async #callOverBadLine<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    const { failsBefore, failsAfter, random = Math.random } = this.#line;
    if (random() < failsBefore) throw new NoPaymentAnswerError("Lost on the way there.");
    const answer = await call();
    if (random() < failsAfter) throw new NoPaymentAnswerError("Lost on the way back.");
    return answer;
  }
}
