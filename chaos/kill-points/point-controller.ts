/** Who dies, or stops, at a point. */
type Victim = "worker" | "backend" | "postmaster" | "worker_stop";

/** A moment in a process of the service that has a name, such as "before lock-events" or "after commit" or "before reply". */
export type PointName = string;

export interface StrikeOrder {
  readonly point: PointName;
  /** Strikes when the point is passed for so many times from now on; at least 1. */
  readonly passage: number;
  readonly victim: Victim;
  /**
   * The postmaster. When a backend is to be killed, which is the one that the point's statement went to, it must be a child
   * of this postmaster; null leaves that unchecked.
   */
  readonly pid: number | null;
}

/** What has been struck. */
export interface Strike {
  readonly point: PointName;
  readonly victim: Victim;
  /** The process that was killed or stopped. */
  readonly pid: number;
  /** The worker in which the point was passed. */
  readonly workerPid: number;
}

/** Knows the points of all processes of the service that run under the test build. */
export interface PointController {
  /** Every point that was passed since the run began, with how often. */
  seen(): Promise<ReadonlyMap<PointName, number>>;
  /**
   * Arms the point in every worker; the first that comes to it strikes, and the others are disarmed.
   *
   * @returns what was struck; null when nobody came to the point within the limit
   */
  strike(order: StrikeOrder, limitMs: number, signal: AbortSignal): Promise<Strike | null>;
  /** Lets every process of the service, also those that start later, see a wall clock that is wrong by so much. */
  setClockOffset(offsetMs: number): void;
  /** Lets workers end as they start, until it is off again. Those that run are left alone. */
  setCrashAtStart(isOn: boolean): void;
}
