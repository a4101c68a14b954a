import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the range that systems give to outgoing connections (from 32768 on Linux). In that range a client that
 * reconnects while a server is down can be given the server's own port, and the server could not take it back.
 */
const lowestPort = 20_000;
const highestPort = 32_000;
const attemptsMax = 50;
const loopback = "127.0.0.1";

/** Whether a port of this machine can be listened on now. */
export function isFree(port: number, host = loopback): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** A port that was free a moment ago, and that no outgoing connection takes; null when none was found. */
export async function choosePort(host = loopback): Promise<number | null> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const port = randomInt(lowestPort, highestPort);
    if (await isFree(port, host)) return port;
  }
  return null;
}
