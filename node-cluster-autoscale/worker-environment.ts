/** What a worker must know before it can be sent anything. */
export interface WorkerEnvironment {
  readonly reportEveryMs: number;
  readonly guardOrphans: boolean;
}

const reportEveryVariable = "NODE_CLUSTER_AUTOSCALE_REPORT_EVERY_MS";
const guardVariable = "NODE_CLUSTER_AUTOSCALE_GUARD_ORPHANS";

export function writeEnvironment({ reportEveryMs, guardOrphans }: WorkerEnvironment): Record<string, string> {
  return { [reportEveryVariable]: String(reportEveryMs), [guardVariable]: guardOrphans ? "yes" : "no" };
}

/**
 * Reads what the primary wrote, and removes it: what this process starts in its turn is no worker of the cluster.
 *
 * @returns null in a process that no AutoscalingCluster has started
 */
export function takeEnvironment(): WorkerEnvironment | null {
  const { [reportEveryVariable]: reportEvery, [guardVariable]: guard } = process.env;
  delete process.env[reportEveryVariable];
  delete process.env[guardVariable];
  const reportEveryMs = Number(reportEvery);
  return reportEveryMs > 0 ? { reportEveryMs, guardOrphans: guard === "yes" } : null;
}
