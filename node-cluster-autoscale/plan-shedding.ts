/** A worker may have this much more or less than its fair share of the active connections... */
const toleratedShare = 0.25;
/** ...and this many on top, because a handful of connections can never be spread evenly. */
const toleratedCount = 2;

/**
 * Plans which workers give up how many of their active connections, so that the clients connect anew and are
 * spread over all workers. Nothing is given up unless one worker has far too many or far too few. Then those that
 * are above their share give up what is above, but never more than half of what they have in one round: the clients
 * come back to all workers alike, so a few gentle rounds end at the fair share.
 *
 * @returns the number of connections for each worker that has too many, by worker id
 */
export function planShedding(
  workers: readonly { readonly id: number; readonly activeConnections: number }[],
): Map<number, number> {
  const total = workers.reduce((sum, { activeConnections }) => sum + activeConnections, 0);
  const fair = total / workers.length;
  const tolerated = fair * toleratedShare + toleratedCount;
  if (workers.every(({ activeConnections }) => Math.abs(activeConnections - fair) <= tolerated))
    return new Map();
  return new Map(
    workers
      .filter(({ activeConnections }) => activeConnections > fair)
      .map(({ id, activeConnections }) => [
        id,
        Math.min(Math.ceil(activeConnections - fair), Math.ceil(activeConnections / 2)),
      ]),
  );
}
