import { cpus } from "node:os";

/** Measures how busy the machine's cores are, whoever keeps them busy. */
export class MachineMeter {
  #before = readTimes();

  /** The share of all cores that was busy since the last call, 0 to 1; null when the system does not tell. */
  take(): number | null {
    const now = readTimes();
    const totalMs = now.totalMs - this.#before.totalMs;
    const idleMs = now.idleMs - this.#before.idleMs;
    this.#before = now;
    return totalMs > 0 ? Math.min(Math.max(1 - idleMs / totalMs, 0), 1) : null;
  }
}

function readTimes(): { readonly idleMs: number; readonly totalMs: number } {
  const times = cpus().map((core) => core.times);
  return {
    idleMs: times.reduce((sum, { idle }) => sum + idle, 0),
    totalMs: times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
  };
}
