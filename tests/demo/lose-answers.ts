import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface LossyProxy {
  readonly url: string;
  /** Answers that the service gave and nobody received. */
  readonly lost: number;
  close(): Promise<void>;
}

/**
 * Stands between buyers and a service. The first answer to every third POST is lost on its way back: the service has
 * done what was asked, and whoever asked sees the connection break.
 */
export async function loseAnswers(serviceUrl: string): Promise<LossyProxy> {
  const seen = new Set<string>();
  let lost = 0;
  const answerOrLose = async (request: IncomingMessage, response: ServerResponse) => {
    const answer = await forward(serviceUrl, request);
    const key = `${request.url} ${request.headers["idempotency-key"]}`;
    const isFirst = request.method === "POST" && !seen.has(key);
    seen.add(key);
    const isLost = isFirst && seen.size % 3 === 0;
    if (isLost) lost += 1;
    if (isLost) request.socket.destroy();
    else response.writeHead(answer.status).end(answer.body);
  };
  const server = createServer((request, response) => {
    answerOrLose(request, response).catch(() => request.socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get lost() {
      return lost;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function forward(serviceUrl: string, request: IncomingMessage) {
  const isPost = request.method === "POST";
  const headers = new Headers();
  for (const name of ["authorization", "content-type", "idempotency-key"]) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  const answer = await fetch(serviceUrl + request.url, {
    method: request.method ?? "GET",
    headers,
    ...(isPost && { body: await buffer(request) }),
  });
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
}
