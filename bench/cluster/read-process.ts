import { readFile } from "node:fs/promises";

const bytesPerKib = 1024;
/** What the kernel counts processor time in, on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** @returns the resident memory of a process in MiB; null where it cannot be read, as on other systems than Linux */
export async function readMemoryMib(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
  return kib === undefined ? null : (Number(kib) * bytesPerKib) / 2 ** 20;
}

/** @returns the processor time that a process has used in seconds; null where it cannot be read */
export async function readCpuSeconds(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name, in parentheses, may contain anything: what follows it is counted from its end.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isNaN(ticks) ? null : ticks / ticksPerSecond;
}
