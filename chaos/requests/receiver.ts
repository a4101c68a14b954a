import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const statuses: Readonly<Record<string, number>> = { "/ok": 204, "/bad": 500, "/gone": 410 };

/** What webhooks and suppliers of a run lead to, on this machine. */
export interface Receiver {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(statuses[request.url ?? ""] ?? 404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
