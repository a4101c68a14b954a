import fc, { type Arbitrary } from "fast-check";
import { type OperationName, operations } from "../../api/contract/operations.ts";
import type { Document } from "./json-schema.ts";
import { type OperationsCallName, operationsCalls } from "./operations-calls.ts";
import { operationsRequestsFor, requestsFor } from "./plan-calls.ts";
import { bytesOf, straysOf } from "./plan-strays.ts";
import type { Planned } from "./plan.ts";

/** How many requests are made from one seed. Planning one alone means planning the others of its batch. */
const batchSize = 250;

/** Which calls lead deepest, or make what others need. Every other call has the weight 4. */
const weights: Partial<Record<OperationName, number>> = {
  hold_tickets: 40,
  put_cart_item: 16,
  check_out_cart: 14,
  confirm_reservation: 8,
  extend_reservation: 6,
  cancel_reservation: 6,
  create_customer: 5,
  verify_customer: 7,
  report_delivery: 6,
  // An event is never deleted, and every endpoint is told of every hold.
  create_event: 3,
  create_webhook_endpoint: 2,
  follow_event: 2,
  follow_events: 2,
};

/** The operations listener asks the database anew each time, which in turn slows the sale. */
const lookWeights: Partial<Record<OperationsCallName, number>> = {
  sales: 1,
  metrics: 1,
  timeline: 1,
  outbox: 1,
};

/** Every request of a run, from its seed alone. */
export class RequestPlan {
  readonly #seed: number;
  readonly #requests: Arbitrary<Planned>;
  #batch: { readonly index: number; readonly requests: readonly Planned[] } | null = null;

  constructor(seed: number, document: Document) {
    this.#seed = seed;
    this.#requests = anyRequest(document);
  }

  /** @param number counted from 0 */
  at(number: number): Planned {
    const index = Math.floor(number / batchSize);
    if (this.#batch?.index !== index) {
      // The golden ratio spreads neighbours far apart, and runs of neighbouring seeds share no batch.
      const seed = (Math.imul(index + 1, 0x9e3779b1) ^ this.#seed) | 0;
      const requests = fc.sample(this.#requests, { seed, numRuns: batchSize });
      this.#batch = { index, requests };
    }
    const planned = this.#batch.requests[number % batchSize];
    if (planned === undefined) throw new Error(`There is no request ${number}.`);
    return planned;
  }
}

function anyRequest(document: Document): Arbitrary<Planned> {
  const calls = fc.oneof(
    ...(Object.keys(operations) as OperationName[]).map((name) => ({
      weight: weights[name] ?? 4,
      arbitrary: requestsFor(name, document),
    })),
  );
  const looks = fc.oneof(
    ...(Object.keys(operationsCalls) as OperationsCallName[]).map((name) => ({
      weight: lookWeights[name] ?? 3,
      arbitrary: operationsRequestsFor(name),
    })),
  );
  return fc.oneof(
    { weight: 84, arbitrary: calls },
    { weight: 5, arbitrary: looks },
    { weight: 5, arbitrary: straysOf("public") },
    { weight: 1, arbitrary: straysOf("operations") },
    { weight: 4, arbitrary: bytesOf("public") },
    { weight: 1, arbitrary: bytesOf("operations") },
  );
}
