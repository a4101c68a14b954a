import type { JobStatus, WorkerGauges, WorkerReport } from "../kernel/worker-report.ts";

/** What all living workers report together. */
export interface GaugeSums {
  readonly queueDepth: number;
  readonly openStreams: number;
  readonly pool: { readonly connections: number; readonly max: number; readonly waiting: number };
}

/** The newest report of each worker. */
export class WorkerReports {
  readonly #gauges = new Map<number, WorkerGauges>();
  #jobs: readonly JobStatus[] = [];

  receive(workerId: number, { gauges, jobs }: WorkerReport): void {
    this.#gauges.set(workerId, gauges);
    if (jobs !== null) this.#jobs = jobs;
  }

  /** Forgets the workers that are gone. */
  keepOnly(workerIds: ReadonlySet<number>): void {
    for (const id of this.#gauges.keys()) if (!workerIds.has(id)) this.#gauges.delete(id);
  }

  sums(): GaugeSums {
    let [queueDepth, openStreams, connections, max, waiting] = [0, 0, 0, 0, 0];
    for (const gauges of this.#gauges.values()) {
      queueDepth += gauges.queue_depth;
      openStreams += gauges.open_streams;
      connections += gauges.pool_connections;
      max += gauges.pool_max;
      waiting += gauges.pool_waiting;
    }
    return { queueDepth, openStreams, pool: { connections, max, waiting } };
  }

  /** The background work, as the worker that does it told last; empty while none does any. */
  jobs(): readonly JobStatus[] {
    return this.#jobs;
  }
}
