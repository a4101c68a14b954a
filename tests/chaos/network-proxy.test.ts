import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { NetworkProxy } from "../../chaos/network/network-proxy.ts";
import { startNetworkProxy } from "../../chaos/network/start-network-proxy.ts";
import { waitFor } from "../support/wait-for.ts";

const digestOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

/** A server that sends back what it hears, behind a proxy. */
async function openEcho(): Promise<{ proxy: NetworkProxy; heard: () => number }> {
  let heard = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.length;
      socket.write(chunk);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await startNetworkProxy((server.address() as AddressInfo).port);
  onTestFinished(async () => {
    await proxy.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { proxy, heard: () => heard };
}

interface Caller {
  readonly socket: Socket;
  received(): Buffer;
  error(): string | null;
}

async function call(proxy: NetworkProxy): Promise<Caller> {
  const socket = connect(proxy.port, "127.0.0.1");
  const chunks: Buffer[] = [];
  let error: string | null = null;
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", (each: NodeJS.ErrnoException) => (error = each.code ?? each.message));
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return { socket, received: () => Buffer.concat(chunks), error: () => error };
}

describe("a network proxy of the chaos", () => {
  test.each([
    ["nothing is done to them", null],
    ["they are delayed", { kind: "delay", ms: 5 }],
    ["they are sliced", { kind: "slice", bytesMax: 7 }],
  ] as const)("passes all bytes in order while %s", async (_, disturbance) => {
    const { proxy } = await openEcho();
    if (disturbance !== null) proxy.disturb(disturbance);
    const caller = await call(proxy);
    const sent = randomBytes(disturbance?.kind === "slice" ? 20_000 : 2_000_000);
    caller.socket.write(sent);
    await waitFor("all bytes to be back", () => caller.received().length >= sent.length);
    expect(digestOf(caller.received())).toBe(digestOf(sent));
  });

  test("passes on the end of a client after its last byte", async () => {
    const { proxy } = await openEcho();
    const caller = await call(proxy);
    caller.socket.end("last words");
    await waitFor("the echo", () => caller.received().toString() === "last words");
    await waitFor("the connection to be forgotten", () => proxy.open === 0);
    expect(caller.error()).toBeNull();
  });

  test("resets as many connections as it is told to", async () => {
    const { proxy } = await openEcho();
    const callers = [await call(proxy), await call(proxy), await call(proxy)];
    await waitFor("all to be open", () => proxy.open === 3);
    expect(proxy.reset(2)).toBe(2);
    await waitFor("two resets", () => callers.filter((each) => each.error() === "ECONNRESET").length === 2);
    expect(proxy.open).toBe(1);
  });

  test("loses a reply whole and resets its connection, though the server has heard the request", async () => {
    const { proxy, heard } = await openEcho();
    const caller = await call(proxy);
    const lost = proxy.loseReply((chunk) => chunk.includes("lose me"), 5_000);
    caller.socket.write("keep me");
    await waitFor("the first reply", () => caller.received().toString() === "keep me");
    caller.socket.write("lose me");
    expect(await lost).not.toBeNull();
    await waitFor("the reset", () => caller.error() === "ECONNRESET");
    expect(caller.received().toString()).toBe("keep me");
    expect(heard()).toBe("keep melose me".length);
  });

  test("says so when there was no reply to lose", async () => {
    const { proxy } = await openEcho();
    expect(await proxy.loseReply(() => true, 20)).toBeNull();
  });

  test.each(["request", "reply"] as const)("cuts a connection within a %s", async (direction) => {
    const { proxy, heard } = await openEcho();
    const caller = await call(proxy);
    const cut = proxy.cutWithin(direction, 0.5, 5_000);
    caller.socket.write("0123456789");
    expect((await cut)?.detail).toBe(`5 of 10 bytes of a ${direction} passed`);
    await waitFor("the reset", () => caller.error() === "ECONNRESET");
    expect(heard()).toBe(direction === "request" ? 5 : 10);
  });

  test("is silent in a black hole, for good on connections that were in it", async () => {
    const { proxy, heard } = await openEcho();
    const old = await call(proxy);
    await waitFor("the connection", () => proxy.open === 1);
    proxy.disturb({ kind: "black_hole" });
    const during = await call(proxy);
    old.socket.write("x");
    during.socket.write("x");
    proxy.calm();
    const later = await call(proxy);
    later.socket.write("after");
    await waitFor("an echo", () => later.received().toString() === "after");
    expect(heard()).toBe(5);
    expect([old.received().length, old.error(), during.error()]).toEqual([0, null, null]);
  });

  test("refuses and resets while it is cut, and leads to another server when told so", async () => {
    const [one, other] = [await openEcho(), await openEcho()];
    const caller = await call(one.proxy);
    await waitFor("the connection", () => one.proxy.open === 1);
    one.proxy.disturb({ kind: "cut" });
    await waitFor("the reset", () => caller.error() === "ECONNRESET");
    one.proxy.setTarget(other.proxy.port);
    one.proxy.calm();
    const next = await call(one.proxy);
    next.socket.write("hello");
    await waitFor("an echo", () => next.received().toString() === "hello");
    expect([one.heard(), other.heard()]).toEqual([0, 5]);
  });
});
