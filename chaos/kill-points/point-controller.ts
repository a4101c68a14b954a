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

/** What came of an attempt to strike. */
export type StrikeOutcome =
  | { readonly kind: "struck"; readonly strike: Strike }
  | { readonly kind: "nobody_came" }
  /** Somebody came to the point, and there was nobody to hurt. */
  | { readonly kind: "spared"; readonly point: PointName; readonly why: string };

/** Knows the points of all processes of the service that run under the test build. */
export interface PointController {
  /** Every point that was passed since the run began, with how often. */
  seen(): Promise<ReadonlyMap<PointName, number>>;
  /**
   * Arms points in every worker; the first that comes to one of them strikes, and all others are disarmed.
   *
   * @param orders no two of them for the same point
   * @param limitMs how long somebody may take to come to any of the points
   */
  strike(orders: readonly StrikeOrder[], limitMs: number, signal: AbortSignal): Promise<StrikeOutcome>;
  /** Lets every process of the service, also those that start later, see a wall clock that is wrong by so much. */
  setClockOffset(offsetMs: number): void;
  /** Lets workers end as they start, until it is off again. Those that run are left alone. */
  setCrashAtStart(isOn: boolean): void;
}
