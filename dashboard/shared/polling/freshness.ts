/** What is known of the connection: figures arrive, they are late, or the last question got no answer. */
export type Connection = "waiting" | "live" | "late" | "lost";

const lateAfterMs = 5_000;
const roundsMissedMax = 3;

/** From which age on figures are old: three rounds, and at least 5 s. */
export function oldAfterMs(everyMs: number): number {
  return Math.max(lateAfterMs, roundsMissedMax * everyMs);
}

/**
 * How the connection is doing.
 *
 * @param updatedAtMs when the last answer came; 0 for never
 * @param hasFailed whether the last question got no answer
 * @param isPaused whether nothing is asked on purpose, so that age is no sign of trouble
 */
export function judgeConnection(
  { updatedAtMs, hasFailed, isPaused }: { updatedAtMs: number; hasFailed: boolean; isPaused: boolean },
  nowMs: number,
  everyMs: number,
): Connection {
  if (hasFailed) return "lost";
  if (updatedAtMs === 0) return "waiting";
  return !isPaused && nowMs - updatedAtMs > oldAfterMs(everyMs) ? "late" : "live";
}
