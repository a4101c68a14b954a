import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { PacedBuyers } from "../../bench/cluster/paced-buyers.ts";
import { waitFor } from "../support/wait-for.ts";

let server: Server | null = null;
let buyers: PacedBuyers | null = null;

afterEach(() => {
  buyers?.abandon();
  server?.close();
  server?.closeAllConnections();
});

type Answer = (request: IncomingMessage, response: ServerResponse, attempt: number) => void;

/** A service of which each test says how it answers; `attempt` counts from 1. */
async function openShop(
  connections: number,
  answer: Answer,
): Promise<{ buyers: PacedBuyers; keys: string[] }> {
  const keys: string[] = [];
  const shop = createServer((request, response) => {
    keys.push(String(request.headers["idempotency-key"]));
    answer(request, response, keys.length);
  });
  server = shop;
  shop.listen(0, "127.0.0.1");
  await once(shop, "listening");
  const { port } = shop.address() as AddressInfo;
  buyers = new PacedBuyers({
    host: "127.0.0.1",
    port,
    apiKey: "key",
    kind: "keyed_hold",
    eventIds: [randomUUID()],
    userTag: "abcdef",
    connections,
    carts: 0,
    warmUpMs: 0,
    measuredMs: 0,
  });
  return { buyers, keys };
}

const held = JSON.stringify({ id: randomUUID() });

function grant(response: ServerResponse): void {
  response.writeHead(201, { "content-length": held.length }).end(held);
}

test("a connection on which a close was announced is not used again, even while it is still open", async () => {
  const shop = await openShop(1, ({ socket }) => {
    if (socket.bytesWritten > 0) socket.destroy();
    else
      socket.write(
        `HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: ${held.length}\r\n\r\n${held}`,
      );
  });
  shop.buyers.setRate(100);
  await waitFor("purchases", () => shop.buyers.answered >= 5);
  const result = await shop.buyers.stop();
  expect(result.failures).toEqual({});
  expect(result).toMatchObject({ unanswered: 0, answered: shop.keys.length });
  expect(result.closedByService).toBe(shop.keys.length);
});

test("a connection that is closed while nothing is asked costs no request", async () => {
  const shop = await openShop(2, (_request, response) => grant(response));
  shop.buyers.setRate(200);
  await waitFor("purchases", () => shop.buyers.answered >= 5);
  shop.buyers.setRate(0);
  await waitFor("the last answer", () => shop.buyers.waiting === 0);
  server?.closeIdleConnections();
  await waitFor("both to be seen closed", () => shop.buyers.closedByService === 2);
  const answeredBefore = shop.buyers.answered;
  shop.buyers.setRate(200);
  await waitFor("further purchases", () => shop.buyers.answered >= answeredBefore + 5);
  const result = await shop.buyers.stop();
  expect(result.failures).toEqual({});
  expect(result).toMatchObject({ unanswered: 0, answered: shop.keys.length, closedByService: 2 });
  // Every buyer asked once.
  expect(new Set(shop.keys).size).toBe(shop.keys.length);
});

test("a connection that is cut, and an answer that is no 201, are failures, asked again under the same key", async () => {
  const shop = await openShop(1, (request, response, attempt) => {
    if (attempt === 2) request.socket.destroy();
    else if (attempt === 4) response.writeHead(503, { "content-length": 0 }).end();
    else grant(response);
  });
  shop.buyers.setRate(100);
  await waitFor("purchases", () => shop.buyers.answered >= 3);
  const result = await shop.buyers.stop();
  expect(shop.keys[2]).toBe(shop.keys[1]);
  expect(shop.keys[4]).toBe(shop.keys[3]);
  expect(result.failures).toEqual({ "closed with a request unanswered": 1, "status 503": 1 });
  expect(result).toMatchObject({ unanswered: 0, answered: shop.keys.length - 2 });
});
