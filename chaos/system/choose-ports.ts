import { randomInt } from "node:crypto";
import { isFree } from "../../api/kernel/choose-port.ts";
import { ChaosError } from "../chaos-error.ts";

/** Below those of embedded servers, which come and go in a run, and below what systems give to outgoing connections. */
const [lowest, highest] = [12_000, 19_999];
const attemptsMax = 200;

/** Different ports of this machine that were free a moment ago. */
export async function choosePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; attempt < attemptsMax && ports.size < count; attempt += 1) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) ports.add(port);
  }
  if (ports.size < count) throw new ChaosError(`No free port between ${lowest} and ${highest} was found.`);
  return [...ports];
}
