import { type CircuitBreakerPolicy, circuitBreaker, ConsecutiveBreaker, handleWhen } from "cockatiel";
import { BrokenCircuitError } from "cockatiel";
import { ProviderFailure } from "./provider-failure.ts";

/** How often in a row a provider fails before it is left alone. */
const failuresMax = 5;
/** How long it is left alone before one call tries it again. */
const restMs = 5_000;

/**
 * Leaves a provider alone that has failed several times in a row, so that a server in trouble is not kept there by us
 * and nobody waits for a time-out that is certain. A final refusal is an answer, not a failure.
 */
export class CircuitBreaker {
  readonly #name: string;
  readonly #restMs: number;
  readonly #policy: CircuitBreakerPolicy;

  /** @param name what the provider is called in messages, such as "The SMS gateway" */
  constructor(name: string, limits: { readonly failuresMax?: number; readonly restMs?: number } = {}) {
    this.#name = name;
    this.#restMs = limits.restMs ?? restMs;
    this.#policy = circuitBreaker(handleWhen(isFailure), {
      breaker: new ConsecutiveBreaker(limits.failuresMax ?? failuresMax),
      halfOpenAfter: this.#restMs,
    });
  }

  /** @throws ProviderFailure at once while the provider is left alone; otherwise what the call throws */
  async call<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await this.#policy.execute(ask);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw new ProviderFailure(
        `${this.#name} has failed several times in a row and is left alone for a moment.`,
        {
          retry: "again",
          retryAfterMs: this.#restMs,
        },
      );
    }
  }
}

function isFailure(error: unknown): boolean {
  return !(error instanceof ProviderFailure && error.retry === "never");
}
