import type { LoadPlan, ReceivedHolds } from "../load/load-plan.ts";

/** A time during which requests arrive at one rate, however the earlier ones fare. */
export interface Phase {
  readonly ratePerSecond: number;
  readonly ms: number;
}

/** What the process of the open load is told: once, since each load has a process of its own. */
export interface OpenLoadRequest {
  readonly kind: "run";
  /** The address, the kind, the events, the users and the number of connections of it count. */
  readonly plan: LoadPlan;
  readonly phases: readonly Phase[];
}

export type OpenLoadReply =
  | { readonly kind: "result"; readonly result: OpenLoadResult }
  | { readonly kind: "failed"; readonly message: string };

/** What became of the requests that arrived in one phase, or in a short part of it. */
export interface Tally {
  /** Arrivals: what the load offers, whether it could be sent or not. */
  readonly offered: number;
  /** Arrivals that found no connection free, and were turned away without reaching the service. */
  readonly noConnection: number;
  /** Holds that were answered with 201. */
  readonly held: number;
  /** Confirmations that were answered with 200, of loads that confirm. */
  readonly confirmed: number;
  /** Those of what the load counts (holds, or confirmations) that were answered in time. */
  readonly good: number;
  /** Holds that were answered with 503. */
  readonly holdsRefused: number;
  /** Confirmations that were answered with 503. */
  readonly confirmsRefused: number;
  /** Answers with 503 that do not say when to come back. */
  readonly withoutRetryAfter: number;
  /** Answers with any other status. */
  readonly otherAnswers: number;
  /** Requests whose client gave up waiting. */
  readonly givenUp: number;
  /** Requests whose connection was closed or broke before the answer. */
  readonly resets: number;
  /** From the moment of arrival to the answer, of holds and confirmations that were accepted. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** From the moment of arrival to the answer, of those that were refused with 503. */
  readonly refusalP50Ms: number;
  readonly refusalP99Ms: number;
}

export interface OpenLoadResult {
  readonly phases: readonly Tally[];
  /** When each began, in milliseconds since 1970: other processes have to know. */
  readonly phasesBeganAtMs: readonly number[];
  /** The last phase in parts of `recoveryPartMs`, by the moment of arrival. */
  readonly recovery: readonly Tally[];
  /** How late the generator was at worst in sending what had arrived. */
  readonly latestMs: number;
  readonly confirmedTotal: number;
  /** Requests that were never answered. */
  readonly failures: number;
  readonly received: ReceivedHolds;
}

/** How long a client waits for its answer. */
export const deadlineMs = 2_000;

/** What is answered later than this was of no use to a buyer. */
export const inTimeMs = 1_000;

export const recoveryPartMs = 100;
