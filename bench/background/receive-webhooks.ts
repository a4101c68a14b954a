import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A receiver that takes every message, on a free port of the loopback. */
export interface WebhookReceiver {
  readonly url: string;
  readonly received: number;
  stop(): void;
}

/** Starts a receiver in this process. */
export async function receiveWebhooks(): Promise<WebhookReceiver> {
  let received = 0;
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      received += 1;
      response.writeHead(204).end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    get received() {
      return received;
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
