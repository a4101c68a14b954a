/** Milliseconds; null when nothing was measured. */
export interface Latency {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Exact percentiles by the nearest rank. The given list stays as it is. */
export function percentilesOf(valuesMs: readonly number[]): Latency {
  const sorted = Float64Array.from(valuesMs).sort();
  const at = (share: number) => {
    const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
    return value === undefined ? null : Math.round(value * 100) / 100;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
