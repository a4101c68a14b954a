import type { MemorySample } from "./watch-workers.ts";

/** Whether a process keeps what it should have let go. */
export interface MemoryVerdict {
  /** Too short a run says nothing. */
  readonly verdict: "flat" | "leaks" | "not judged";
  readonly firstBytes: number;
  readonly lastBytes: number;
  readonly boundBytes: number;
}

/** Code is compiled and caches fill in this part of a run. */
const warmUpPart = 0.2;
const samplesMin = 5;
/**
 * What the last tenth may have more than the first. Young memory is collected when it is full, so that the same process
 * is a few dozen MiB larger or smaller from one moment to the next; and what is remembered of customers and events by
 * design grows to bounds that a run need not reach. A leak of 1 KiB for each request is 100 MiB in the usual run.
 */
const growthMax = 0.15;
const spareBytes = 32 * 1024 * 1024;

/** Compares the memory at the end of a run with that after the warm-up. @param total requests of the run */
export function judgeMemory(
  samples: readonly MemorySample[],
  total: number,
  bytesOf: (sample: MemorySample) => number,
): MemoryVerdict {
  const start = total * warmUpPart;
  const tenth = (total - start) / 10;
  const first = samples.filter(({ sent }) => sent >= start && sent < start + tenth).map(bytesOf);
  const last = samples.filter(({ sent }) => sent >= total - tenth).map(bytesOf);
  const [firstBytes, lastBytes] = [median(first), median(last)];
  const boundBytes = Math.round(firstBytes * (1 + growthMax) + spareBytes);
  const isJudged = first.length >= samplesMin && last.length >= samplesMin;
  const verdict = !isJudged ? "not judged" : lastBytes > boundBytes ? "leaks" : "flat";
  return { verdict, firstBytes, lastBytes, boundBytes };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
