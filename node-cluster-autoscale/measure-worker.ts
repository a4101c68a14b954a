import { performance } from "node:perf_hooks";
import type { WorkerReport } from "./messages.ts";

const sampleEveryMs = 20;

/**
 * Measures what this process costs and how late its event loop is.
 * A timer of its own measures the lag: `monitorEventLoopDelay` drops the interval in which it is reset, and that
 * is where a long pause hides.
 */
export class WorkerMeter {
  #takenAtMs = performance.now();
  #cpu = process.cpuUsage();
  #utilization = performance.eventLoopUtilization();
  #sampledAtMs = performance.now();
  #lagMs: number | null = null;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#sample(), sampleEveryMs);
    this.#timer.unref();
  }

  /** What was measured since the last call. */
  take(): Pick<WorkerReport, "elapsedMs" | "cpuMs" | "memoryBytes" | "lagMs" | "busyFraction"> {
    const nowMs = performance.now();
    const elapsedMs = nowMs - this.#takenAtMs;
    const cpu = process.cpuUsage(this.#cpu);
    const utilization = performance.eventLoopUtilization(this.#utilization).utilization;
    const lagMs = this.#lagMs;
    this.#takenAtMs = nowMs;
    this.#cpu = process.cpuUsage();
    this.#utilization = performance.eventLoopUtilization();
    this.#lagMs = null;
    return {
      elapsedMs,
      cpuMs: (cpu.user + cpu.system) / 1_000,
      memoryBytes: process.memoryUsage.rss(),
      lagMs,
      busyFraction: Math.min(Math.max(utilization, 0), 1),
    };
  }

  #sample(): void {
    const nowMs = performance.now();
    const lateMs = Math.max(0, nowMs - this.#sampledAtMs - sampleEveryMs);
    this.#sampledAtMs = nowMs;
    this.#lagMs = Math.max(lateMs, this.#lagMs ?? 0);
  }
}
