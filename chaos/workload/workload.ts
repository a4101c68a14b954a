/** Clients who buy, pay, change their minds, and never give up on an answer. */
export interface Workload {
  /** Requests without an answer at this moment. */
  readonly inFlight: number;
  /** Definite answers so far, and attempts without one. */
  readonly acknowledged: number;
  readonly unknown: number;
  /** Calls that are not settled. */
  readonly unsettled: number;
  /** Resolves with the time at which a request was acknowledged that had been sent after this call; rejects on abort. */
  nextAcknowledgement(signal: AbortSignal): Promise<number>;
  /** How many requests a second are begun, when nothing holds them up. Overload raises it. */
  setRate(perSecond: number): void;
  /** Begins nothing new, and settles what is open. @returns how many calls are left unsettled at the limit */
  finish(limitMs: number): Promise<number>;
}
