import type { IncomingMessage, ServerResponse } from "node:http";
import type { AdmissionLimits } from "./admission-limits.ts";

/** A refused request, and how it is told. */
export interface Refused {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly sinceMs: number;
  readonly send: (refused: Refused) => void;
}

const shortestMs = 20;
/** Where the line has grown shorter, those who stand in it would wait longer than those before them. */
const heldMostTimes = 1.25;

/**
 * The refusals that wait for their turn. A client that is refused at once asks again at once, and reading what it asks costs
 * half of what serving it does: a service that refuses as fast as it can does little else. So only so many are sent in a
 * second. A connection with a refusal outstanding asks nothing, which is what bounds them: there are no more than connections.
 */
export class LateRefusals {
  readonly #limits: Pick<AdmissionLimits, "refusalsPerSecond" | "refusalHeldMaxMs">;
  #line: Refused[] = [];
  #next = 0;
  #allowed = 0;
  #allowedAtMs = performance.now();

  constructor(limits: Pick<AdmissionLimits, "refusalsPerSecond" | "refusalHeldMaxMs">) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#line.length - this.#next;
  }

  /** Sends a refusal, at once if it may. */
  add(refused: Refused): void {
    if (this.size === 0 && this.#allowed >= 1) {
      this.#allowed -= 1;
      refused.send(refused);
    } else {
      this.#line.push(refused);
    }
  }

  /** Sends those whose turn has come, and those that have waited long enough. To be called every few milliseconds. */
  release(nowMs: number): void {
    const { refusalsPerSecond, refusalHeldMaxMs } = this.#limits;
    const seconds = (nowMs - this.#allowedAtMs) / 1000;
    this.#allowedAtMs = nowMs;
    // The longer the line, the faster it goes, so that nobody waits much longer than they may, and evenly: clients that are
    // refused together come again together.
    const due = (this.size * seconds * 1000) / refusalHeldMaxMs;
    // What was not used is not saved up for a burst.
    const fresh = Math.max(seconds, shortestMs / 1000) * refusalsPerSecond;
    this.#allowed = Math.min(this.#allowed + seconds * refusalsPerSecond, fresh);
    let sendable = Math.max(this.#allowed, due);
    for (let first = this.#line[this.#next]; first !== undefined; first = this.#line[this.#next]) {
      if (sendable < 1 && nowMs - first.sinceMs < heldMostTimes * refusalHeldMaxMs) break;
      sendable -= 1;
      this.#allowed = Math.max(this.#allowed - 1, 0);
      this.#next += 1;
      first.send(first);
    }
    if (this.#next === this.#line.length) this.#line = [];
    else if (this.#next > this.#line.length / 2) this.#line = this.#line.slice(this.#next);
    else return;
    this.#next = 0;
  }

  /** Sends all that are left. */
  releaseAll(): void {
    this.release(Number.POSITIVE_INFINITY);
  }
}
