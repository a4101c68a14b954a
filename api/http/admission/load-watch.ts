import type { RefusalReason } from "../../kernel/metric-definitions.ts";
import type { AdmissionLimits } from "./admission-limits.ts";

/** What a door cannot see by itself. */
export interface WaitingElsewhere {
  /** How long the oldest command has waited at the desk; 0 when none does. */
  readonly deskWaitMs: () => number;
  /** Queries that wait for a pooled connection. */
  readonly poolWaiting: () => number;
}

const windowMs = 250;
/** How much of what is known of the capacity each window replaces. */
const newShare = 0.3;
/** A command waits for two turns of the event loop at the desk, and for the rest of one to be seen. */
const turnsAtDesk = 3;

/**
 * Finds out how many requests a worker may have in work, so that none of them takes longer than it should: what it serves in
 * a second, as measured while it had more than enough to do, times the time that each may take. When requests stand still
 * although the event loop does not, as in front of a database that has stopped, it is a few only.
 */
export class LoadWatch {
  readonly #elsewhere: WaitingElsewhere;
  readonly #limits: AdmissionLimits;
  #lookedAtMs = performance.now();
  #windowSinceMs = performance.now();
  #servedBefore = 0;
  #limit: number;
  #strain: RefusalReason | null = null;
  #strainBefore: RefusalReason | null = null;

  constructor(elsewhere: WaitingElsewhere, limits: AdmissionLimits) {
    this.#elsewhere = elsewhere;
    this.#limits = limits;
    this.#limit = limits.requestsMax;
  }

  /** Why new work is let in so sparingly: what it would wait for. */
  get reason(): RefusalReason {
    return this.#strain ?? "requests";
  }

  /**
   * To be called every few milliseconds.
   *
   * @param served how many requests have been answered so far
   * @param isFull whether requests were refused since the last call
   * @returns how many requests may be in work before new work is refused
   */
  look(nowMs: number, served: number, isFull: boolean): number {
    const turnMs = nowMs - this.#lookedAtMs;
    this.#lookedAtMs = nowMs;
    const strain = this.#findStrain(turnMs);
    // What only one look has seen may be a single pause.
    this.#strain = this.#strainBefore === null ? null : strain;
    this.#strainBefore = strain;
    this.#measure(nowMs, served, isFull);
    const { requestsMax, strainedRequestsMax } = this.#limits;
    return this.#strain === null ? this.#limit : Math.min(strainedRequestsMax, requestsMax);
  }

  #findStrain(turnMs: number): RefusalReason | null {
    const { waitMaxMs, poolWaitingMax } = this.#limits;
    if (this.#elsewhere.deskWaitMs() > waitMaxMs + turnsAtDesk * turnMs) return "desk";
    return this.#elsewhere.poolWaiting() > poolWaitingMax ? "pool" : null;
  }

  #measure(nowMs: number, served: number, isFull: boolean): void {
    const { requestsMax, strainedRequestsMax, timeInWorkMs } = this.#limits;
    const elapsedMs = nowMs - this.#windowSinceMs;
    if (elapsedMs < windowMs) return;
    const measured = ((served - this.#servedBefore) / elapsedMs) * timeInWorkMs;
    this.#windowSinceMs = nowMs;
    this.#servedBefore = served;
    // A worker with little to do shows nothing of what it can do: then what is known is forgotten bit by bit.
    const known = isFull ? measured : requestsMax;
    const limit = this.#limit + newShare * (known - this.#limit);
    this.#limit = Math.min(Math.max(limit, strainedRequestsMax), requestsMax);
  }
}
