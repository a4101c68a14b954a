/** The limits of a worker's door. The defaults suit one worker process. */
export interface AdmissionLimits {
  /** Requests in work at which new work is refused; what finishes begun work is let in up to twice as many. */
  readonly requestsMax: number;
  /** Open connections; the next ones are answered with a refusal and closed. */
  readonly connectionsMax: number;
  /** How long the oldest command may wait at the desk before new work is refused. */
  readonly waitMaxMs: number;
  /** The same for what finishes begun work. */
  readonly finishingWaitMaxMs: number;
  /** How late the event loop may be before new work is refused: requests wait that long before they are seen. */
  readonly lagMaxMs: number;
  /** Queries that may wait for a pooled connection before new work is refused. */
  readonly poolWaitingMax: number;
  /** Refusals per second that are sent; more wait their turn, so that refusing cannot take the time of serving. */
  readonly refusalsPerSecond: number;
  /** How long a refusal may wait for its turn. */
  readonly refusalHeldMaxMs: number;
}

export const defaultAdmissionLimits: AdmissionLimits = {
  requestsMax: 2_000,
  connectionsMax: 12_000,
  waitMaxMs: 150,
  finishingWaitMaxMs: 1_000,
  lagMaxMs: 250,
  poolWaitingMax: 500,
  refusalsPerSecond: 5_000,
  refusalHeldMaxMs: 1_000,
};
