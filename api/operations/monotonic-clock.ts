/** Milliseconds on a clock that nobody can set, near those since 1970 when the process started. */
export function monotonicMs(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * What to add to `monotonicMs` for the wall clock, in ms. In whole seconds, so that a moment that is told again is
 * told the same.
 */
export function clockOffsetMs(): number {
  return Math.round((Date.now() - monotonicMs()) / 1_000) * 1_000;
}

/** A moment of the monotonic clock as people read it. */
export function toInstant(momentMs: number): string {
  return new Date(momentMs + clockOffsetMs()).toISOString();
}
