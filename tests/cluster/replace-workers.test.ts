import { afterEach, describe, expect, test, vi } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { TestCluster } from "./start-cluster.ts";

// Each test starts processes, and on a busy machine they take their time.
vi.setConfig({ testTimeout: 60_000 });

let cluster: TestCluster;

afterEach(() => cluster.close());

async function pidsOf(count: number): Promise<number[]> {
  const { workers } = await cluster.untilLive(count);
  return workers.map(({ pid }) => pid);
}

describe("a worker that is killed", () => {
  test("is replaced at once in its slot, and its requests stay counted", async () => {
    cluster = await TestCluster.start({ min: 2, max: 3 });
    for (let sent = 0; sent < 10; sent += 1) await cluster.get();
    const before = await cluster.until("10 requests", ({ requestsTotal }) => requestsTotal === 10);
    const [victim] = before.workers;
    process.kill(victim?.pid ?? 0, "SIGKILL");
    const after = await cluster.until("a replacement", ({ live, restarts }) => live === 2 && restarts === 1);
    expect(after).toMatchObject({ requestsTotal: 10, backOff: null });
    expect(after.workers).toMatchObject([
      { slot: 1, restarts: 1, requestsTotal: 0 },
      { slot: 2, restarts: 0, pid: before.workers[1]?.pid },
    ]);
    expect(cluster.told("worker_exited")).toMatchObject([
      { id: victim?.id, slot: 1, cause: "crashed", code: null, signal: "SIGKILL" },
    ]);
    expect(cluster.told("worker_exited")[0]?.description).toMatch(
      /^Worker 1 \(process \d+\) was ended by SIGKILL after \d+(\.\d)? s\.$/,
    );
    expect(cluster.told("crash_looping")).toEqual([]);
  });

  test("is replaced without a pause however often that happens", async () => {
    cluster = await TestCluster.start({
      backOff: { firstMs: 60_000, maxMs: 60_000, healthyAfterMs: 60_000 },
    });
    for (let kills = 1; kills <= 5; kills += 1) {
      const [pid = 0] = await pidsOf(1);
      process.kill(pid, "SIGKILL");
      await cluster.until("a replacement", ({ live, restarts }) => live === 1 && restarts === kills);
    }
    expect(cluster.told("crash_looping")).toEqual([]);
  });
});

test("when all workers are killed at once, all are replaced at once, and the clients are served again", async () => {
  cluster = await TestCluster.start({ min: 3, max: 3 });
  for (const pid of await pidsOf(3)) process.kill(pid, "SIGKILL");
  await cluster.until("three replacements", ({ live, restarts }) => live === 3 && restarts === 3);
  expect(cluster.told("crash_looping")).toEqual([]);
  expect(await cluster.get()).toMatchObject({ id: expect.any(Number) as number });
});

describe("a worker that no longer reports", () => {
  test("because it is in an endless loop, is killed and replaced", async () => {
    cluster = await TestCluster.start({ min: 2, max: 2, hungAfterMs: 1_000 });
    const [before] = await pidsOf(2);
    const stuck = cluster.get("/loop").catch(() => "cut");
    const exit = await waitFor("the end of a worker", () => cluster.told("worker_exited")[0]);
    expect(exit).toMatchObject({ cause: "hung", signal: "SIGKILL" });
    expect(exit.description).toMatch(/fell silent and was killed/);
    expect(await stuck).toBe("cut");
    const { workers } = await cluster.untilLive(2);
    expect(workers.map(({ id }) => id)).toContain(3);
    expect(before).toBeGreaterThan(1);
  });

  test("because it was stopped, is killed, and the connections on their way to it are served by others", async () => {
    cluster = await TestCluster.start({ min: 2, max: 2, hungAfterMs: 1_000 });
    const [stopped = 0] = await pidsOf(2);
    process.kill(stopped, "SIGSTOP");
    // Every other connection goes to the stopped worker, and the first of them waits there.
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => cluster.get("/", AbortSignal.timeout(8_000))),
    );
    expect(answers.map(({ pid }) => pid)).not.toContain(stopped);
    expect(await waitFor("the end of the worker", () => cluster.told("worker_exited")[0])).toMatchObject({
      pid: stopped,
      cause: "hung",
    });
    await cluster.untilLive(2);
  });

  test("is not blamed for time in which the primary itself did not run", async () => {
    cluster = await TestCluster.start({ min: 2, max: 2, hungAfterMs: 1_000 });
    const before = await pidsOf(2);
    // Far longer than a worker may be silent, twice in a row, and once stopped from outside.
    await cluster.ask("stall", { message: 2_500 });
    await cluster.ask("stall", { message: 2_500 });
    cluster.primary.kill("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    cluster.primary.kill("SIGCONT");
    await cluster.ask("stall", { message: 1 });
    expect(await pidsOf(2)).toEqual(before);
    expect(cluster.told("worker_exited")).toEqual([]);
  });
});

describe("workers that crash whenever they start", () => {
  test.each(["exit", "die young"])("are started ever more slowly, until one is good (%s)", async (mode) => {
    const paced = { firstMs: 200, maxMs: 1_000, healthyAfterMs: 3_000 };
    cluster = await TestCluster.start({ min: 2, max: 2, backOff: paced }, { MODE: mode });
    await cluster.trigger(true);
    for (const pid of await pidsOf(2)) process.kill(pid, "SIGKILL");
    const looping = await cluster.until("a crash loop", ({ backOff }) => (backOff?.failures ?? 0) >= 4);
    expect(looping.backOff?.lastExit).toMatch(/exited with code [37] after/);
    const pauses = cluster.told("crash_looping").map(({ retryInMs }) => retryInMs);
    expect(pauses.slice(0, 3)).toEqual([200, 400, 800]);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(1_000);
    // Nothing is started while a pause lasts.
    for (const { retryInMs, atMs } of cluster.told("crash_looping")) {
      const soon = cluster
        .told("worker_started")
        .filter((start) => start.atMs > atMs && start.atMs < atMs + retryInMs);
      expect(soon).toEqual([]);
    }
    await cluster.trigger(false);
    const recovered = await cluster.until("recovery", ({ backOff, live }) => backOff === null && live === 2);
    expect(recovered.restarts).toBeGreaterThanOrEqual(2);
    expect(cluster.told("recovered")).toMatchObject([{ failures: expect.any(Number) as number }]);
  });

  test("end the start after three tries, with the reason in the worker's own words", async () => {
    cluster = await TestCluster.create({ min: 2 }, { MODE: "fail" });
    await cluster.trigger(true);
    expect(await cluster.ask("start")).toBe(
      "WorkersFailedError: No worker became ready in 3 tries. The database is away.",
    );
    expect(cluster.livingWorkers).toEqual([]);
    expect(cluster.told("worker_exited").at(-1)).toMatchObject({
      code: 1,
      description: "The database is away.",
    });
  });
});

test("a worker that is not ready in time is killed, and that counts as a failed start", async () => {
  cluster = await TestCluster.create({ startMaxMs: 800, startTriesMax: 2 }, { MODE: "mute" });
  await cluster.trigger(true);
  expect(await cluster.ask("start")).toMatch(
    /No worker became ready in 2 tries\. Worker \d+ .* was not ready after/,
  );
  expect(cluster.told("worker_exited")).toMatchObject([
    { cause: "start_timeout" },
    { cause: "start_timeout" },
  ]);
});
