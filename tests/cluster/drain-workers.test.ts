import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { isAlive, TestCluster } from "./start-cluster.ts";

// Each test starts processes, and on a busy machine they take their time.
vi.setConfig({ testTimeout: 60_000 });

let cluster: TestCluster;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await cluster.close();
});

/** A client that writes bytes itself, so that it can do what no library does. */
async function open(): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(cluster.port, "127.0.0.1");
  sockets.push(socket);
  let text = "";
  socket.setEncoding("utf8").on("data", (part: string) => (text += part));
  await once(socket, "connect");
  expect((socket.address() as AddressInfo).port).toBeGreaterThan(0);
  return { socket, received: () => text };
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: cluster\r\n\r\n`;

describe("a worker that is told to go", () => {
  test("answers the request in progress, says that it was the last, and exits with 0", async () => {
    cluster = await TestCluster.start();
    const { socket, received } = await open();
    socket.write(get("/slow/600"));
    await cluster.until("the request", ({ requestsTotal }) => requestsTotal === 1);
    const stopped = cluster.ask("stop");
    await once(socket, "close");
    expect(received()).toMatch(/^HTTP\/1\.1 200 OK[^]*Connection: close[^]*"pid":/);
    expect(await stopped).toBe("stopped");
    expect(cluster.told("worker_exited")).toMatchObject([{ cause: "stopped", code: 0 }]);
    expect(cluster.output).toContain("finished 1");
  });

  test("still answers a request that comes on an idle connection meanwhile", async () => {
    cluster = await TestCluster.start({ drainMaxMs: 8_000 });
    const idle = await open();
    idle.socket.write(get("/"));
    await waitFor("the first answer", () => /"pid"/.test(idle.received()));
    expect(idle.received()).toMatch(/Connection: keep-alive/);
    // Another connection is busy for longer than the idle one is given.
    const busy = await open();
    busy.socket.write(get("/slow/1500"));
    await cluster.until("the requests", ({ requestsTotal }) => requestsTotal === 2);
    const stopped = cluster.ask("stop");
    await cluster.until("draining", ({ workers }) => workers[0]?.state === "draining");
    idle.socket.write(get("/"));
    await once(idle.socket, "close");
    expect(idle.received()).toMatch(/keep-alive[^]*"pid"[^]*Connection: close[^]*"pid"/);
    await stopped;
    expect(busy.received()).toMatch(/200 OK[^]*"pid"/);
  });

  test("answers the request of a client that did not wait for the answer before", async () => {
    cluster = await TestCluster.start();
    const { socket, received } = await open();
    socket.write(get("/slow/400"));
    await cluster.until("the request", ({ requestsTotal }) => requestsTotal === 1);
    const stopped = cluster.ask("stop");
    await cluster.until("draining", ({ workers }) => workers[0]?.state === "draining");
    socket.write(get("/"));
    await once(socket, "close");
    expect(received().match(/200 OK/g)).toHaveLength(2);
    expect(received().match(/Connection: close/g)).toHaveLength(1);
    await stopped;
  });

  test("waits for a request whose bytes are still arriving", async () => {
    cluster = await TestCluster.start();
    const { socket, received } = await open();
    socket.write("GET / HTTP/1.1\r\nHost: clus");
    await cluster.until("the connection", ({ workers }) => workers[0]?.connections === 1);
    const stopped = cluster.ask("stop");
    await cluster.until("draining", ({ workers }) => workers[0]?.state === "draining");
    // Slowly: the whole takes far longer than an idle connection is given.
    for (const part of "ter\r\nX: y\r\n") {
      socket.write(part);
      await wait(60);
    }
    socket.write("\r\n");
    await once(socket, "close");
    expect(received()).toMatch(/^HTTP\/1\.1 200 OK/);
    await stopped;
  });

  test("lets the application end its streams", async () => {
    cluster = await TestCluster.start();
    const { socket, received } = await open();
    socket.write(get("/stream"));
    await waitFor("the stream", () => /begun/.test(received()));
    await cluster.ask("stop");
    expect(received()).toMatch(/begun[^]*over/);
    expect(cluster.told("worker_exited")).toMatchObject([{ cause: "stopped", code: 0 }]);
  });

  test("is killed when it does not finish in time", async () => {
    cluster = await TestCluster.start({ drainMaxMs: 600 }, { STREAMS: "stay" });
    const { socket, received } = await open();
    socket.write(get("/stream"));
    await waitFor("the stream", () => /begun/.test(received()));
    socket.on("error", () => {});
    const [pid = 0] = (await cluster.workers()).map((worker) => worker.pid);
    expect(await cluster.ask("stop")).toBe("stopped");
    expect(cluster.told("worker_exited")).toMatchObject([{ cause: "drain_timeout", signal: "SIGKILL" }]);
    expect(isAlive(pid)).toBe(false);
  });
});

describe("stopping", () => {
  test("twice, and in the middle of a start, ends every worker and tells whoever waits for the start", async () => {
    cluster = await TestCluster.create({ min: 2, max: 2 });
    const started = cluster.ask("start");
    await waitFor("two processes", () => cluster.told("worker_started").length === 2);
    const stopped = [cluster.ask("stop"), cluster.ask("stop")];
    expect(await started).toMatch(/^ClusterStoppedError: /);
    expect(await Promise.race(stopped)).toBe("stopped");
    expect(cluster.livingWorkers).toEqual([]);
    expect(await cluster.snapshot()).toMatchObject({ wanted: 0, live: 0, workers: [] });
    expect(cluster.told("worker_exited")).toMatchObject([{ cause: "stopped" }, { cause: "stopped" }]);
  });

  test("before the start is possible, and the start says so", async () => {
    cluster = await TestCluster.create();
    expect(await cluster.ask("stop")).toBe("stopped");
    expect(await cluster.ask("start")).toBe("ClusterStoppedError: The cluster has been stopped.");
  });
});

describe("signals that a terminal sends to everyone", () => {
  test("do not end a worker: the primary decides", async () => {
    cluster = await TestCluster.start();
    const [{ pid, id } = { pid: 0, id: 0 }] = await cluster.workers();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(pid, signal);
    expect(await cluster.get("/slow/100")).toMatchObject({ pid, id });
    expect(cluster.told("worker_exited")).toEqual([]);
  });
});

describe("a primary that is killed", () => {
  test("leaves no worker behind, and the requests in progress are answered", async () => {
    cluster = await TestCluster.start({ min: 2, max: 2 });
    const clients = [await open(), await open()];
    for (const { socket } of clients) socket.write(get("/slow/400"));
    await cluster.until("the requests", ({ requestsTotal }) => requestsTotal === 2);
    const pids = cluster.livingWorkers;
    expect(pids).toHaveLength(2);
    const closed = clients.map(({ socket }) => once(socket, "close"));
    cluster.primary.kill("SIGKILL");
    await Promise.all(closed);
    for (const { received } of clients) expect(received()).toMatch(/200 OK[^]*Connection: close[^]*"pid"/);
    await waitFor("the workers to end", () => cluster.livingWorkers.length === 0, 5_000);
  });

  test("leaves no worker behind that has an endless request, or clients that stay", async () => {
    cluster = await TestCluster.start({}, { STREAMS: "stay" });
    const [stream, idle] = [await open(), await open()];
    stream.socket.on("error", () => {}).write(get("/stream"));
    idle.socket.on("error", () => {}).write(get("/"));
    await cluster.until("the requests", ({ requestsTotal }) => requestsTotal === 2);
    cluster.primary.kill("SIGKILL");
    await waitFor("the worker to end", () => cluster.livingWorkers.length === 0, 5_000);
    expect(stream.received()).not.toContain("over");
  });

  test("leaves no worker behind that is stuck in an endless loop", async () => {
    cluster = await TestCluster.start({ min: 2, max: 2, hungAfterMs: 60_000 });
    const { socket } = await open();
    socket.on("error", () => {}).write(get("/loop"));
    // It has begun when its worker reports nothing more, while the other one does.
    await waitFor("a silent worker", async () => {
      const reports = cluster.told("report").slice(-8);
      return reports.length === 8 && new Set(reports.map(({ id }) => id)).size === 1;
    });
    cluster.primary.kill("SIGKILL");
    await waitFor("the workers to end", () => cluster.livingWorkers.length === 0, 15_000);
    expect(cluster.told("worker_exited")).toEqual([]);
  });
});
