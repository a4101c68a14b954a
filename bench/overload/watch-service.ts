import { get } from "node:http";
import { OperationsClient } from "../cluster/operations-client.ts";
import { readMemoryMib } from "../cluster/read-process.ts";
import type { Service } from "../cluster/service.ts";
import { pause } from "../cluster/wait-until.ts";

const lookEveryMs = 100;
const answerMaxMs = 5_000;

/** What was seen of a service while it was under load. */
export interface Sightings {
  /** How long /livez of the public listener took, over connections of its own. A failure counts as `answerMaxMs`. */
  readonly publicMs: readonly number[];
  /** The same of the operations listener. */
  readonly operationsMs: readonly number[];
  /** The greatest memory of any worker before the load. */
  readonly workerMibBefore: number;
  /** The greatest memory of any worker, and the supervisor's; 0 where that cannot be read. */
  readonly workerMib: number;
  readonly supervisorMib: number;
  /** Workers that were there at the beginning and not at the end. */
  readonly workersLost: number;
}

/** Looks at a service again and again, until told to stop. */
export async function watchService(service: Service, signal: AbortSignal): Promise<() => Promise<Sightings>> {
  const operations = new OperationsClient(service);
  const pids = (await operations.readyWorkers()).map(({ pid }) => pid);
  const publicMs: number[] = [];
  const operationsMs: number[] = [];
  let workerMib = 0;
  let supervisorMib = 0;
  const workerMibBefore = Math.max(...(await Promise.all(pids.map(readMemoryMib))).map((mib) => mib ?? 0));
  let isOver = false;
  const look = async () => {
    while (!isOver) {
      const [ofPublic, ofOperations, supervisor, ...workers] = await Promise.all([
        timeLivez(`http://127.0.0.1:${service.port}/livez`),
        timeLivez(`${service.opsUrl}/livez`),
        readMemoryMib(service.pid),
        ...pids.map(readMemoryMib),
      ]);
      publicMs.push(ofPublic);
      operationsMs.push(ofOperations);
      supervisorMib = Math.max(supervisorMib, supervisor ?? 0);
      workerMib = Math.max(workerMib, ...workers.map((mib) => mib ?? 0));
      await pause(lookEveryMs, signal);
    }
  };
  const looking = look().catch(() => {});
  return async () => {
    isOver = true;
    await looking;
    const left = new Set((await operations.readyWorkers()).map(({ pid }) => pid));
    const workersLost = pids.filter((pid) => !left.has(pid)).length;
    return { publicMs, operationsMs, workerMibBefore, workerMib, supervisorMib, workersLost };
  };
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
