import type { AlertName, FiringAlert, HealthStatus } from "../../api/contract/dashboard.ts";

/** How much attention a figure asks for. */
export type Tone = "calm" | "warning" | "critical";

/** Where a figure starts to ask for attention, and where it stops: lower, so that the colour does not flicker. */
export interface Threshold {
  readonly warnsAt: number;
  readonly warningEndsBelow: number;
  readonly isCriticalAt: number;
  readonly criticalEndsBelow: number;
}

export const thresholds = {
  connectionsPercent: { warnsAt: 80, warningEndsBelow: 70, isCriticalAt: 90, criticalEndsBelow: 80 },
  cpuPercent: warningOnly(80, 75),
  memoryPercent: { warnsAt: 85, warningEndsBelow: 80, isCriticalAt: 95, criticalEndsBelow: 92 },
  eventLoopLagMs: warningOnly(100, 80),
  longestQuerySeconds: warningOnly(60, 60),
  // 6 and 14.4 times what an objective of 99.9 % allows.
  errorPercent: { warnsAt: 0.6, warningEndsBelow: 0.5, isCriticalAt: 1.44, criticalEndsBelow: 1.2 },
} as const satisfies Record<string, Threshold>;

function warningOnly(warnsAt: number, warningEndsBelow: number): Threshold {
  return { warnsAt, warningEndsBelow, isCriticalAt: Infinity, criticalEndsBelow: Infinity };
}

/**
 * The tone of a figure, given the tone that it had. What could not be measured stays calm: its dash says enough.
 *
 * @param value in the threshold's unit
 */
export function toneOf(value: number | null, threshold: Threshold, previous: Tone = "calm"): Tone {
  if (value === null) return "calm";
  const { warnsAt, warningEndsBelow, isCriticalAt, criticalEndsBelow } = threshold;
  if (value >= isCriticalAt) return "critical";
  if (previous === "critical" && value >= criticalEndsBelow) return "critical";
  if (value >= warnsAt) return "warning";
  return previous !== "calm" && value >= warningEndsBelow ? "warning" : "calm";
}

/** The tone that the alerts of these names ask for, if any of them fires. */
export function toneOfAlerts(firing: readonly FiringAlert[], names: readonly AlertName[]): Tone {
  const ours = firing.filter(({ name }) => names.includes(name));
  if (ours.length === 0) return "calm";
  return ours.some(({ severity }) => severity === "critical") ? "critical" : "warning";
}

/** The worst of some tones. */
export function worstOf(...tones: readonly Tone[]): Tone {
  if (tones.includes("critical")) return "critical";
  return tones.includes("warning") ? "warning" : "calm";
}

/** What part one figure is of another, in percent; null when either is not known. */
export function percentOf(part: number | null, total: number | null): number | null {
  return part === null || total === null || total <= 0 ? null : (100 * part) / total;
}

/** The word for how a machine is doing. */
export function wordOfStatus(status: HealthStatus): string {
  switch (status) {
    case "ok":
      return "Healthy";
    case "degraded":
      return "Degraded";
    case "down":
      return "Down";
    default:
      return unknownWord(status);
  }
}

/** A newer server may know words that this page, loaded before it, does not: they are shown as they are. */
function unknownWord(word: never): string {
  return String(word);
}
