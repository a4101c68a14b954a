/** Whether asking again can help. `never`: the answer was a final refusal. */
export type RetryClass = "again" | "never";

/** Someone else's server did not do what it was asked, or that is not known. */
export class ProviderFailure extends Error {
  readonly retry: RetryClass;
  /** How long it wants to be left alone, in ms; null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    {
      retry,
      retryAfterMs = null,
      cause,
    }: { readonly retry: RetryClass; readonly retryAfterMs?: number | null; readonly cause?: unknown },
  ) {
    super(message, { cause });
    this.retry = retry;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Statuses after which the same request may succeed later, although they blame the request. */
const passingStatuses: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** What a status that is no success says about asking again. */
export function retryClassOf(status: number): RetryClass {
  return status >= 400 && status < 500 && !passingStatuses.has(status) ? "never" : "again";
}
