/** A worker may have this much more than its fair share of the active connections... */
const toleratedShare = 1.25;
/** ...and this many on top, because a handful of connections can never be spread evenly. */
const toleratedCount = 2;

/**
 * Plans which workers give up how many of their active connections, so that the clients connect anew and are
 * spread over all workers. Never more than half of a worker's connections in one round: the clients come back
 * to all workers alike, this one included, so a few gentle rounds end at the fair share.
 *
 * @returns the number of connections for each worker that has too many, by worker id
 */
export function planShedding(
  workers: readonly { readonly id: number; readonly activeConnections: number }[],
): Map<number, number> {
  const plan = new Map<number, number>();
  const total = workers.reduce((sum, { activeConnections }) => sum + activeConnections, 0);
  const fair = total / workers.length;
  for (const { id, activeConnections } of workers) {
    if (activeConnections <= fair * toleratedShare + toleratedCount) continue;
    plan.set(id, Math.min(Math.ceil(activeConnections - fair), Math.ceil(activeConnections / 2)));
  }
  return plan;
}
