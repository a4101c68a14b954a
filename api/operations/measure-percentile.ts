/**
 * A percentile of what a histogram counted, by linear interpolation inside its bucket. What lies above all bounds is
 * taken for the last bound: there is nothing to interpolate towards.
 *
 * @param counts for each bucket, not cumulative, one more than bounds
 * @param bounds upper bounds, rising
 * @param share 0 to 1
 * @returns in the unit of the bounds; null when nothing was counted
 */
export function measurePercentile(
  counts: readonly number[],
  bounds: readonly number[],
  share: number,
): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = share * total;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    const upper = bounds[index];
    if (upper === undefined) break;
    if (count > 0 && below + count >= rank) {
      const lower = bounds[index - 1] ?? 0;
      return lower + (upper - lower) * ((rank - below) / count);
    }
    below += count;
  }
  return bounds.at(-1) ?? null;
}
