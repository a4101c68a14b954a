/** The limits of a worker's door. The defaults suit one worker process. */
export interface AdmissionLimits {
  /** Requests in work at which new work is refused at the latest; what finishes begun work is let in up to twice as many. */
  readonly requestsMax: number;
  /** The same at the earliest: enough to fill a batch, since a worker that only refuses serves nobody. */
  readonly strainedRequestsMax: number;
  /** How long a request may be in work: between those two, it is what can be served in this time. */
  readonly timeInWorkMs: number;
  /** Open connections; the next ones are answered with a refusal and closed. */
  readonly connectionsMax: number;
  /** How long the oldest command may wait at the desk before the worker counts as strained, apart from its own slowness. */
  readonly waitMaxMs: number;
  /** Queries that may wait for a pooled connection before it does. */
  readonly poolWaitingMax: number;
  /** Refusals per second that are sent at once; more wait, so that refusing does not take the time of serving. */
  readonly refusalsPerSecond: number;
  /** About how long a refusal may wait. */
  readonly refusalHeldMaxMs: number;
}

export const defaultAdmissionLimits: AdmissionLimits = {
  requestsMax: 2_000,
  strainedRequestsMax: 256,
  timeInWorkMs: 250,
  connectionsMax: 12_000,
  waitMaxMs: 150,
  poolWaitingMax: 500,
  refusalsPerSecond: 1_000,
  refusalHeldMaxMs: 1_000,
};
