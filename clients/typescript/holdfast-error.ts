import type { ProblemCode } from "../../api/contract/problems.ts";
import type { Problem } from "./operation-types.ts";

/** What is known of an answer that is no success. */
interface Refusal {
  readonly status: number;
  readonly problem: Problem | null;
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;
}

/** The service answered, and the answer is no. The message is its sentence about what happened. */
export class HoldfastError extends Error {
  override readonly name = "HoldfastError";
  readonly status: number;
  /** The problem's stable name; a later service may have more of them. Null for an answer that is not Holdfast's. */
  readonly code: ProblemCode | null;
  /** Everything that the answer says, such as `reservation_id`; null for an answer that is not Holdfast's. */
  readonly problem: Problem | null;
  /** Under which the service has logged the request; null when the answer does not tell. */
  readonly requestId: string | null;
  /** How long to wait before the next try; null when the answer does not tell. */
  readonly retryAfterSeconds: number | null;

  constructor({ status, problem, requestId, retryAfterSeconds }: Refusal) {
    super(
      problem?.detail ??
        `What answered with status ${status} is not Holdfast, or something stands before it.`,
    );
    this.status = status;
    this.code = problem?.code ?? null;
    this.problem = problem;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * No answer came, so whether the request had its effect is not known. Calling again with the same idempotency key is
 * safe. `cause` is what `fetch` said.
 */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
  /** The key of the request that was not answered; null for one that has none. */
  readonly idempotencyKey: string | null;

  constructor(idempotencyKey: string | null, cause: unknown) {
    super("The service gave no answer.", { cause });
    this.idempotencyKey = idempotencyKey;
  }
}
