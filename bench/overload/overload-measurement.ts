import type { OpenLoadResult } from "./open-load-messages.ts";
import type { Sightings } from "./watch-service.ts";

/** Holds alone, or holds that are confirmed as soon as they are answered. */
export const overloadKinds = ["hold", "life"] as const;
export type OverloadKind = (typeof overloadKinds)[number];

/** One load on one service. */
export interface OverloadMeasurement {
  readonly workers: number;
  readonly kind: OverloadKind;
  /** Holds, or lives, per second of the closed loop that saturates. */
  readonly peakPerSecond: number;
  /** The same per second of processor time that the workers used, which other programs on the machine take nothing of. */
  readonly peakPerCpuSecond: number;
  readonly overloadMs: number;
  readonly result: OpenLoadResult;
  readonly sightings: Sightings;
}
