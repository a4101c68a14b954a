import { get } from "node:http";
import { OperationsClient } from "../cluster/operations-client.ts";
import { readCpuSeconds, readMemoryMib } from "../cluster/read-process.ts";
import type { Service } from "../cluster/service.ts";
import { pause } from "../cluster/wait-until.ts";

const lookEveryMs = 100;
const answerMaxMs = 5_000;

/** One look at the workers. */
interface Look {
  /** In milliseconds since 1970. */
  readonly atMs: number;
  /** The memory of the greatest; 0 where it cannot be read. */
  readonly workerMib: number;
  /** What all of them have used so far. */
  readonly workersCpuSeconds: number;
}

/** What was seen of a service while it was under load. */
export interface Sightings {
  /** How long /livez of the public listener took, over connections of its own. A failure counts as `answerMaxMs`. */
  readonly publicMs: readonly number[];
  /** The same of the operations listener. */
  readonly operationsMs: readonly number[];
  readonly looks: readonly Look[];
  /** The greatest memory of any worker before the load. */
  readonly workerMibBefore: number;
  /** The greatest memory of any worker under load. */
  readonly workerMib: number;
  /** Workers that were there at the beginning and not at the end. */
  readonly workersLost: number;
}

/** Looks at a service again and again, until told to stop. */
export async function watchService(service: Service, signal: AbortSignal): Promise<() => Promise<Sightings>> {
  const operations = new OperationsClient(service);
  const pids = (await operations.readyWorkers()).map(({ pid }) => pid);
  const publicMs: number[] = [];
  const operationsMs: number[] = [];
  const looks: Look[] = [];
  const workerMibBefore = await readGreatestMib(pids);
  const over = new AbortController();
  const repeat = async (look: () => Promise<void>) => {
    while (!over.signal.aborted) {
      await look();
      await pause(lookEveryMs, signal);
    }
  };
  // Each by itself, so that a late answer does not keep the others from being asked.
  const looking = Promise.allSettled([
    repeat(async () => void publicMs.push(await timeLivez(`http://127.0.0.1:${service.port}/livez`))),
    repeat(async () => void operationsMs.push(await timeLivez(`${service.opsUrl}/livez`))),
    repeat(async () => {
      const [workerMib, workersCpuSeconds] = await Promise.all([readGreatestMib(pids), readCpuOf(pids)]);
      looks.push({ atMs: Date.now(), workerMib, workersCpuSeconds });
    }),
  ]);
  return async () => {
    over.abort();
    await looking;
    const left = new Set((await operations.readyWorkers()).map(({ pid }) => pid));
    const workersLost = pids.filter((pid) => !left.has(pid)).length;
    const workerMib = Math.max(0, ...looks.map((each) => each.workerMib));
    return { publicMs, operationsMs, looks, workerMibBefore, workerMib, workersLost };
  };
}

/** The processor time that the workers of a service have used so far, in seconds; 0 where it cannot be read. */
export async function readWorkersCpu(service: Service): Promise<number> {
  const workers = await new OperationsClient(service).readyWorkers();
  return readCpuOf(workers.map(({ pid }) => pid));
}

async function readCpuOf(pids: readonly number[]): Promise<number> {
  const seconds = await Promise.all(pids.map(readCpuSeconds));
  return seconds.reduce((sum: number, each) => sum + (each ?? 0), 0);
}

async function readGreatestMib(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(pids.map(readMemoryMib));
  return Math.max(0, ...sizes.map((mib) => mib ?? 0));
}

/** Over a connection of its own, as probes do it. @returns how long it took; `answerMaxMs` when there was no 200 */
function timeLivez(url: string): Promise<number> {
  const sinceMs = performance.now();
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(answerMaxMs);
    const request = get(url, { agent: false, signal }, (answer) => {
      answer.on("end", () => resolve(answer.statusCode === 200 ? performance.now() - sinceMs : answerMaxMs));
      answer.on("close", () => resolve(answerMaxMs));
      answer.resume();
    });
    request.on("error", () => resolve(answerMaxMs));
  });
}
