import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRawConnection, parseResponse, sendRawRequest } from "../../support/send-raw-request.ts";
import { type Listeners, openListeners } from "./both-listeners.ts";

let listeners: Listeners;

beforeAll(async () => {
  listeners = await openListeners({
    limits: { requestMs: 1_000, checkEveryMs: 100, keepAliveMs: 50, silentMs: 1_500 },
    // More than both ends of a connection keep for a client that does not read.
    largeFileBytes: 32 * 1024 * 1024,
  });
});
afterAll(() => listeners.close());

describe.each([
  ["publicUrl", "/v1/events"],
  ["opsUrl", "/ops/v1/sales/0198c0de-0000-7000-8000-000000000001/pause"],
] as const)("the listener at %s", (which, path) => {
  const head = (...lines: string[]) =>
    [
      `POST ${path} HTTP/1.1`,
      "Host: localhost",
      `Authorization: Bearer ${listeners.service.keys.admin}`,
      "Content-Type: application/json",
      ...lines,
    ].join("\r\n");

  test("cuts off whoever takes too long to say what they want, and serves others meanwhile", async () => {
    const slow = [
      head(),
      `${head("Content-Length: 17")}\r\n\r\n`,
      `${head("Content-Length: 17")}\r\n\r\n{"na`,
    ];
    const connections = await Promise.all(
      slow.map(async (bytes) => {
        const connection = await openRawConnection(listeners[which]);
        connection.send(bytes);
        return connection;
      }),
    );
    expect((await fetch(`${listeners[which]}/livez`)).status).toBe(200);
    for (const connection of connections) {
      const response = parseResponse(await connection.readUntilClosed());
      expect(response.status).toBe(408);
      expect(JSON.parse(response.body)).toMatchObject({ code: "request_timeout" });
    }
  });

  test("takes no headers beyond 8 KiB and no body beyond 16 KiB", async () => {
    const large = await sendRawRequest(
      listeners[which],
      `${head(`X-A: ${"a".repeat(9_000)}`)}\r\nContent-Length: 2\r\n\r\n{}`,
    );
    expect([large.status, JSON.parse(large.body).code]).toEqual([431, "headers_too_large"]);
    for (const length of ["Content-Length: 17000", "Transfer-Encoding: chunked"]) {
      const chunk = length.startsWith("T") ? `8000\r\n${"a".repeat(0x8000)}\r\n` : "";
      const response = await sendRawRequest(listeners[which], `${head(length)}\r\n\r\n${chunk}`);
      expect([response.status, JSON.parse(response.body).code]).toEqual([413, "body_too_large"]);
    }
  });

  test("ends a connection that nobody uses any more", async () => {
    const connection = await openRawConnection(listeners[which]);
    connection.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const text = await connection.readUntilClosed();
    expect(text).toContain("HTTP/1.1 200");
    expect(text).toContain("Connection: keep-alive");
  });

  test("ends a connection on which nothing was ever sent", async () => {
    const connection = await openRawConnection(listeners[which]);
    expect(parseResponse(await connection.readUntilClosed()).status).toBe(408);
  });
});

test("a client that does not read its answer is cut off", async () => {
  const { hostname, port } = new URL(listeners.publicUrl);
  const accepted = once(listeners.publicServer, "connection") as Promise<[Socket]>;
  const socket = connect(Number(port), hostname);
  const [served] = await accepted;
  const cut = once(served, "close");
  let received = 0;
  socket.on("data", (bytes: Buffer) => {
    received += bytes.length;
    // It has seen that its answer comes, and wants no more of it.
    if (received > 1_000) socket.pause();
  });
  socket.on("error", () => {});
  socket.write("GET /assets/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await cut;
  socket.destroy();
  expect(received).toBeGreaterThan(1_000);
  expect(received).toBeLessThan(32 * 1024 * 1024);
});
