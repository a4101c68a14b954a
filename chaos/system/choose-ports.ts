import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { ChaosError } from "../chaos-error.ts";

/** Below what systems give to outgoing connections, so that a port is still free when its service starts again. */
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

/** Whether a port of this machine can be listened on now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
