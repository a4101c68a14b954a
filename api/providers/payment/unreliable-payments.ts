import { type BadLine, callOverBadLine } from "../outside/bad-line.ts";
import {
  type AbandonResult,
  type ChargeRequest,
  type ChargeResult,
  NoPaymentAnswerError,
  type PaymentProvider,
  type RefundRequest,
} from "./payment-provider.ts";

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

  #callOverBadLine<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    return callOverBadLine(this.#line, call, (message) => new NoPaymentAnswerError(message));
  }
}
