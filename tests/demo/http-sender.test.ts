import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createSender, problemCodeOf, type Sender } from "../../demo/http-sender.ts";

const opened: { server: Server; sender: Sender }[] = [];

afterEach(async () => {
  for (const { server, sender } of opened.splice(0)) {
    sender.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

async function open(listener: RequestListener, key: string | null = null, path = "") {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  const sender = createSender(url, key);
  opened.push({ server, sender });
  return { server, sender };
}

const get = { method: "GET", path: "/v1/events" } as const;

describe("a request", () => {
  test("carries the key, the body and its idempotency key, below the path of the service", async () => {
    const { sender } = await open(
      (request, response) => {
        const { method, url, headers } = request;
        let text = "";
        request.on("data", (chunk) => (text += chunk));
        request.on("end", () => {
          response.writeHead(201, { "retry-after": "7" });
          response.end(JSON.stringify({ method, url, text, key: headers["idempotency-key"], headers }));
        });
      },
      "hf_admin_x",
      "/shop/",
    );
    const call = {
      method: "POST",
      path: "/v1/events",
      body: { name: "Gala ✓" },
      idempotencyKey: "k",
    } as const;
    expect(await sender.send(call, 5_000)).toMatchObject({
      status: 201,
      retryAfter: "7",
      body: {
        method: "POST",
        url: "/shop/v1/events",
        text: '{"name":"Gala ✓"}',
        key: "k",
        headers: { authorization: "Bearer hf_admin_x", "content-type": "application/json" },
      },
    });
  });

  test("that is answered with something other than JSON has an answer without a body", async () => {
    const { sender } = await open((_request, response) => response.end("<html>"));
    const answer = await sender.send(get, 5_000);
    expect(answer).toEqual({ status: 200, retryAfter: null, body: null });
    expect(problemCodeOf(answer)).toBeNull();
  });

  test.each<[what: string, RequestListener, limitMs: number, code: string]>([
    ["nothing", () => {}, 100, "no answer within 0 s"],
    [
      "half an answer",
      (_request, response) => response.writeHead(200).write('{"id":'),
      200,
      "no answer within 0 s",
    ],
    ["a reset", (request) => request.socket.destroy(), 5_000, "ECONNRESET"],
    [
      "a reset after half an answer",
      (request, response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write('{"id":', () => request.socket.destroy());
      },
      5_000,
      "ECONNRESET",
    ],
    [
      "more than can be meant",
      (_request, response) => response.end("x".repeat(2 * 1024 * 1024)),
      5_000,
      "connection lost",
    ],
  ])("has no answer when what comes is %s", async (_what, listener, limitMs, code) => {
    const { sender } = await open(listener);
    await expect(sender.send(get, limitMs)).rejects.toMatchObject({ name: "Error", code });
  });
});

test("connections are kept for some requests and then renewed, so that new workers get their share", async () => {
  let connections = 0;
  const { server, sender } = await open((_request, response) => response.end("{}"));
  server.on("connection", () => (connections += 1));
  for (let count = 0; count < 120; count += 1) await sender.send(get, 5_000);
  expect(connections).toBeGreaterThanOrEqual(3);
  // A machine that is busy renews more of them by age, but never all.
  expect(connections).toBeLessThan(60);
});
