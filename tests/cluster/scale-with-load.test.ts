import { afterEach, describe, expect, test, vi } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { SteadyClients } from "./keep-sending.ts";
import { TestCluster } from "./start-cluster.ts";

// Each test starts processes, and on a busy machine they take their time.
vi.setConfig({ testTimeout: 60_000 });

let cluster: TestCluster;
let clients: SteadyClients | null = null;

afterEach(async () => {
  await clients?.stop();
  clients = null;
  await cluster.close();
});

test("a cluster grows under load, spreads its connections, shrinks when the load is gone, and cuts no request", async () => {
  cluster = await TestCluster.start({
    // So little that the clients bring it on a busy machine too.
    scaling: {
      upRequestsPerSecond: 30,
      downRequestsPerSecond: 5,
      upLagMs: 10_000,
      coolDownMs: 500,
      cores: 64,
    },
  });
  clients = new SteadyClients(cluster.url, 24, 20);
  await cluster.until("three workers", ({ live }) => live === 3, 20_000);
  await waitFor("the connections to be spread", async () => {
    const connections = (await cluster.workers()).map((worker) => worker.connections);
    return connections.length === 3 && Math.min(...connections) >= 4 && connections;
  });
  clients.recount();
  const before = clients.answered;
  await waitFor("more answers", () => (clients?.answered ?? 0) > before + 500);
  // The clients keep their connections, so without a hand of ours the first worker would serve them all.
  expect([...clients.answersByWorker.values()].sort((one, other) => one - other)[0]).toBeGreaterThan(50);
  expect(clients.answersByWorker.size).toBe(3);
  const { answered, failures } = clients;
  await clients.stop();
  await cluster.untilLive(1);
  expect(failures).toEqual([]);
  const scaled = cluster.told("scaled");
  expect(scaled.at(0)).toMatchObject({ from: 1 });
  expect(scaled.at(0)?.reason).toMatch(/^1 worker serves [\d,]+ requests per second, more than 30\.$/);
  expect(scaled.at(-1)).toMatchObject({ from: 2, to: 1 });
  expect(scaled.at(-1)?.reason).toMatch(/few for 2 workers for \d+ s: 1 worker can serve them\.$/);
  expect(cluster.told("worker_exited")).toMatchObject([
    { cause: "retired", code: 0, signal: null },
    { cause: "retired", code: 0, signal: null },
  ]);
  await cluster.until("the last report", ({ requestsTotal }) => requestsTotal >= answered);
});

test("busy event loops that are late make the cluster grow, though few requests come", async () => {
  cluster = await TestCluster.start({
    scaling: { upRequestsPerSecond: 100_000, downRequestsPerSecond: 1, upLagMs: 30, cores: 64 },
  });
  clients = new SteadyClients(cluster.url, 2, 0, () => "/toil/60");
  await cluster.until("more workers", ({ live }) => live > 1, 20_000);
  expect(cluster.told("scaled")[0]?.reason).toMatch(/and the event loop lags by \d+ ms, more than 30 ms\.$/);
  expect(clients.failures).toEqual([]);
});

describe("clients that keep sending while workers come and go", () => {
  test("never miss an answer", async () => {
    cluster = await TestCluster.start({
      min: 1,
      max: 3,
      drainMaxMs: 8_000,
      scaling: {
        upRequestsPerSecond: 60,
        downRequestsPerSecond: 40,
        upLagMs: 10_000,
        coolDownMs: 400,
        cores: 64,
      },
    });
    // Some send all the time, some now and then, some wait for slow answers.
    const busy = () => new SteadyClients(cluster.url, 24, 10);
    const all = [
      new SteadyClients(cluster.url, 4, 300),
      new SteadyClients(cluster.url, 4, 50, () => "/slow/150"),
    ];
    for (let rounds = 0; rounds < 3; rounds += 1) {
      const burst = busy();
      all.push(burst);
      await cluster.until("growth", ({ live }) => live === 3, 20_000);
      await burst.stop();
      await cluster.until("fewer workers", ({ workers }) => workers.length === 1, 20_000);
    }
    await Promise.all(all.map((each) => each.stop()));
    expect(all.flatMap(({ failures }) => failures)).toEqual([]);
    const exits = cluster.told("worker_exited");
    expect(exits.length).toBeGreaterThanOrEqual(6);
    expect(exits.every(({ cause, code }) => cause === "retired" && code === 0)).toBe(true);
    // Every request is counted exactly once, by whichever worker, living or gone.
    const answered = all.reduce((sum, each) => sum + each.answered, 0);
    const { requestsTotal } = await cluster.until(
      "the last report",
      (last) => last.requestsTotal >= answered,
    );
    expect(requestsTotal).toBe(answered);
  });
});
