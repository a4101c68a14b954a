import { HoldfastError, UnreachableError } from "./holdfast-error.ts";

/** How long a request is tried, and how often. */
export interface Patience {
  /** How often a request is sent at most. */
  readonly triesMax: number;
  /** How long one try may take. */
  readonly tryMs: number;
  /** How long all tries and the waits between them may take together. */
  readonly patienceMs: number;
}

const firstWaitMs = 100;
const longestWaitMs = 3_000;

/** Statuses of answers that say nothing final: a busy service, and a proxy that has lost it. */
const passingStatuses: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** Whether the same request, sent again, may end differently. A refusal by a rule is final and never repeated. */
export function mayPass(error: unknown): error is HoldfastError | UnreachableError {
  if (error instanceof UnreachableError) return true;
  if (!(error instanceof HoldfastError)) return false;
  return passingStatuses.has(error.status) || error.code === "idempotency_in_progress";
}

/**
 * How long to wait before the next try. It doubles up to 3 s, and half of it is chance, so that clients which failed
 * together do not come back together. It is never shorter than the service asks for.
 *
 * @param tries how many there have been, at least 1
 * @param random gives numbers from 0 to below 1
 */
export function waitBeforeTryMs(
  tries: number,
  error: HoldfastError | UnreachableError,
  random: () => number,
): number {
  const askedForMs = error instanceof HoldfastError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  const stepMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1));
  return askedForMs + stepMs * (0.5 + random() / 2);
}

/** Waits, or fails with the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
