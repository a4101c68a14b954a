import type { Measurement } from "./decide-worker-count.ts";
import type { WorkerReport } from "./messages.ts";

/** How many reports of a worker are looked at together: about a second of its life. */
const reportsMax = 5;
/** With fewer reports than this, nothing can be called sustained. */
const reportsMin = 3;

/** The last few reports of one worker. */
export class ReportWindow {
  #reports: WorkerReport[] = [];

  add(report: WorkerReport): void {
    this.#reports.push(report);
    if (this.#reports.length > reportsMax) this.#reports.shift();
  }

  /** Forgets everything, as when the worker has fallen silent: what it did then says nothing about now. */
  clear(): void {
    this.#reports = [];
  }

  get requestsPerSecond(): number {
    return this.#perMs((report) => report.requests) * 1_000;
  }

  /** The rate that most of the reports reach, so that one burst between them does not count. */
  get sustainedRequestsPerSecond(): number {
    return this.#typical((report) => (report.requests / Math.max(report.elapsedMs, 1)) * 1_000) ?? 0;
  }

  /** In percent of one core; null before the first report. */
  get cpuPercent(): number | null {
    return this.#reports.length === 0 ? null : this.#perMs((report) => report.cpuMs) * 100;
  }

  /** The worst of the last second or so; null when unknown. */
  get lagMs(): number | null {
    const known = this.#reports.flatMap(({ lagMs }) => (lagMs === null ? [] : [lagMs]));
    return known.length === 0 ? null : Math.max(...known);
  }

  /** The lag that most of the reports reach; null when unknown. */
  get sustainedLagMs(): number | null {
    return this.#typical((report) => report.lagMs ?? 0);
  }

  get busyFraction(): number {
    return this.#typical((report) => report.busyFraction) ?? 0;
  }

  get activeConnections(): number {
    return this.#reports.at(-1)?.activeConnections ?? 0;
  }

  #perMs(amount: (report: WorkerReport) => number): number {
    const elapsedMs = sum(this.#reports.map((report) => report.elapsedMs));
    return elapsedMs === 0 ? 0 : sum(this.#reports.map(amount)) / elapsedMs;
  }

  /** The median; while there are few reports, the least of them. */
  #typical(valueOf: (report: WorkerReport) => number): number | null {
    const values = this.#reports.map(valueOf).sort((one, other) => one - other);
    return values[values.length < reportsMin ? 0 : Math.floor(values.length / 2)] ?? null;
  }
}

/** Puts the windows of all ready workers together. */
export function measureLoad(
  windows: readonly ReportWindow[],
  { nowMs, machineBusyFraction }: { readonly nowMs: number; readonly machineBusyFraction: number | null },
): Measurement {
  const laggards = windows
    .map(({ sustainedLagMs, busyFraction }) => ({ lagMs: sustainedLagMs, busyFraction }))
    .sort((one, other) => (other.lagMs ?? 0) - (one.lagMs ?? 0));
  // At least half of the workers lag as much as this one: a single slow worker is no reason to grow.
  const middle = laggards[Math.ceil(laggards.length / 2) - 1];
  return {
    atMs: nowMs,
    readyWorkers: windows.length,
    requestsPerSecond: sum(windows.map((window) => window.requestsPerSecond)),
    sustainedRequestsPerSecond: sum(windows.map((window) => window.sustainedRequestsPerSecond)),
    lagMs: middle?.lagMs ?? null,
    busyFraction: middle?.busyFraction ?? 0,
    machineBusyFraction,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
