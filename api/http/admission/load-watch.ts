import type { RefusalReason } from "../../kernel/metric-definitions.ts";
import type { AdmissionLimits } from "./admission-limits.ts";

/** What a door cannot see by itself. */
export interface WaitingElsewhere {
  /** How long the oldest command has waited at the desk; 0 when none does. */
  readonly deskWaitMs: () => number;
  /** Queries that wait for a pooled connection. */
  readonly poolWaiting: () => number;
}

/** Beyond its interval, a look may be this late without being the sign of anything. */
const looksUsuallyWithinMs = 40;

/**
 * Says from a look every few milliseconds whether requests wait too long. Only what two looks in a row agree on counts: a
 * single pause, as for a garbage collection, is no load.
 */
export class LoadWatch {
  readonly #elsewhere: WaitingElsewhere;
  readonly #limits: AdmissionLimits;
  #lookedAtMs = performance.now();
  #before: RefusalReason | null = null;
  #begins: RefusalReason | null = null;
  #finishes: RefusalReason | null = null;

  constructor(elsewhere: WaitingElsewhere, limits: AdmissionLimits) {
    this.#elsewhere = elsewhere;
    this.#limits = limits;
  }

  /** What speaks against a request of this worth; null when nothing does. */
  reasonAgainst(worth: "begins" | "finishes"): RefusalReason | null {
    return worth === "begins" ? this.#begins : this.#finishes;
  }

  look(nowMs: number): void {
    const { waitMaxMs, finishingWaitMaxMs, lagMaxMs, poolWaitingMax } = this.#limits;
    const lagMs = nowMs - this.#lookedAtMs - looksUsuallyWithinMs;
    this.#lookedAtMs = nowMs;
    const deskWaitMs = this.#elsewhere.deskWaitMs();
    let reason: RefusalReason | null = null;
    if (deskWaitMs > waitMaxMs) reason = "desk";
    else if (lagMs > lagMaxMs) reason = "lag";
    else if (this.#elsewhere.poolWaiting() > poolWaitingMax) reason = "pool";
    this.#begins = this.#before === null ? null : reason;
    this.#finishes = deskWaitMs > finishingWaitMaxMs ? this.#begins : null;
    this.#before = reason;
  }
}
