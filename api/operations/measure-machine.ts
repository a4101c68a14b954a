import { cpus } from "node:os";

interface CpuTimes {
  readonly busyMs: number;
  readonly totalMs: number;
}

/** Measures how busy the machine's processors are. */
export class MachineMeter {
  #before: CpuTimes = readCpuTimes();

  /** The share of all cores that was busy since the last call, 0 to 100; null when no time has passed. */
  cpuPercent(): number | null {
    const now = readCpuTimes();
    const totalMs = now.totalMs - this.#before.totalMs;
    const busyMs = now.busyMs - this.#before.busyMs;
    if (totalMs <= 0) return null;
    this.#before = now;
    return Math.min(100, Math.max(0, (100 * busyMs) / totalMs));
  }
}

function readCpuTimes(): CpuTimes {
  let [busyMs, totalMs] = [0, 0];
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    busyMs += busy;
    totalMs += busy + times.idle;
  }
  return { busyMs, totalMs };
}
