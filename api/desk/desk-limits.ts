/** The limits of a desk. The defaults suit one worker process. */
export interface DeskLimits {
  /** Commands of clients in one transaction. */
  readonly batchMax: number;
  /** Commands of the sweeper that may ride along in one transaction. */
  readonly backgroundBatchMax: number;
  /** Commands of clients that may wait; the next one is refused. */
  readonly queueMax: number;
  /** How long a command may wait before it is refused. */
  readonly waitMaxMs: number;
  /** How many events that are locked elsewhere are waited for at once, each on a connection of its own. */
  readonly patientLanesMax: number;
  /** After the database could not be reached, commands are refused at once for this long. */
  readonly unavailableMs: number;
}

export const defaultDeskLimits: DeskLimits = {
  batchMax: 256,
  backgroundBatchMax: 100,
  queueMax: 10_000,
  waitMaxMs: 3_000,
  patientLanesMax: 4,
  unavailableMs: 200,
};
