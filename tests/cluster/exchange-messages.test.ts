import { afterEach, describe, expect, test, vi } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { TestCluster } from "./start-cluster.ts";

// Each test starts processes, and on a busy machine they take their time.
vi.setConfig({ testTimeout: 60_000 });

let cluster: TestCluster;

afterEach(() => cluster.close());

describe("what a worker tells", () => {
  test("is counted when it is malformed, and otherwise ignored", async () => {
    cluster = await TestCluster.start();
    await cluster.get("/garbage");
    const snapshot = await cluster.until(
      "8 malformed messages",
      ({ malformedMessages, requestsTotal }) => malformedMessages === 8 && requestsTotal === 1,
    );
    expect(snapshot.live).toBe(1);
    expect(new Set(cluster.told("malformed").map(({ reason }) => reason))).toEqual(
      new Set([
        "A message that is no object.",
        "A message without the mark of this package.",
        "A message of an unknown kind.",
        "A report with a figure that is none.",
        "A report without its figures.",
        "A failure without a sentence.",
      ]),
    );
    await cluster.ask("count malformed", { id: 1 });
    expect((await cluster.snapshot()).malformedMessages).toBe(9);
  });

  test("arrives: messages, and a value with every report", async () => {
    cluster = await TestCluster.start();
    await cluster.get("/say");
    expect(await waitFor("a message", () => cluster.told("message")[0])).toMatchObject({
      id: 1,
      payload: { said: "hello" },
    });
    const reports = await waitFor(
      "reports",
      () => cluster.told("report").length > 2 && cluster.told("report"),
    );
    expect(reports.slice(0, 3).map(({ payload }) => payload)).toEqual([
      { collected: 1 },
      { collected: 2 },
      { collected: 3 },
    ]);
  });

  test("is heard to the end when it crashes: nothing that it counted is lost", async () => {
    // Reports are so rare that only the last one can tell.
    cluster = await TestCluster.start({ reportEveryMs: 10_000, hungAfterMs: 60_000 });
    for (let sent = 0; sent < 5; sent += 1) await cluster.get();
    await cluster.get("/throw").catch(() => {});
    const exit = await waitFor("the crash", () => cluster.told("worker_exited")[0]);
    expect(exit).toMatchObject({ cause: "crashed", code: 1 });
    expect((await cluster.snapshot()).requestsTotal).toBe(6);
  });

  test("includes what it costs", async () => {
    cluster = await TestCluster.start();
    const { workers } = await cluster.until(
      "figures",
      ({ workers: [worker] }) => worker?.memoryBytes !== null,
    );
    expect(workers[0]).toMatchObject({
      state: "ready",
      cpuPercent: expect.any(Number) as number,
      memoryBytes: expect.any(Number) as number,
      connections: 0,
    });
    expect(workers[0]?.memoryBytes).toBeGreaterThan(10_000_000);
  });
});

describe("what a worker is told", () => {
  test("arrives at one, or at all", async () => {
    cluster = await TestCluster.start({ min: 2, max: 2 });
    expect(await cluster.ask("send", { id: 2, message: { stock: 5 } })).toBe(true);
    expect(await waitFor("an echo", () => cluster.told("message")[0])).toMatchObject({
      id: 2,
      payload: { echo: { stock: 5 } },
    });
    await cluster.ask("broadcast", { message: "everyone" });
    await waitFor("two more", () => cluster.told("message").length === 3);
    const others = cluster.told("message").slice(1);
    expect(others.map(({ id }) => id).sort()).toEqual([1, 2]);
  });

  test("goes nowhere when the worker is gone, and harms nobody", async () => {
    cluster = await TestCluster.start();
    expect(await cluster.ask("send", { id: 77, message: "nobody" })).toBe(false);
    const [{ pid } = { pid: 0 }] = await cluster.workers();
    process.kill(pid, "SIGKILL");
    for (let sent = 0; sent < 20; sent += 1) await cluster.ask("send", { id: 1, message: "late" });
    await cluster.until("a replacement", ({ restarts, live }) => restarts === 1 && live === 1);
    expect(await cluster.ask("send", { id: 1, message: "late" })).toBe(false);
  });

  test("does not pile up before a worker that reads nothing", async () => {
    cluster = await TestCluster.start({ hungAfterMs: 60_000 });
    const [{ pid } = { pid: 0 }] = await cluster.workers();
    process.kill(pid, "SIGSTOP");
    const accepted = Number(await cluster.ask("flood", { id: 1, message: { count: 3_000, bytes: 20_000 } }));
    expect(accepted).toBeGreaterThan(10);
    expect(accepted).toBeLessThan(1_500);
    process.kill(pid, "SIGCONT");
    await waitFor("the echoes", () => cluster.told("message").length === accepted);
  });
});

describe("leading", () => {
  test("is done by exactly one, passes on when that one dies, and ends when everything stops", async () => {
    cluster = await TestCluster.start({ min: 3, max: 3 });
    const leads = async () => (await cluster.workers()).filter((worker) => worker.leads);
    const [first] = await leads();
    expect(await leads()).toHaveLength(1);
    process.kill(first?.pid ?? 0, "SIGKILL");
    await waitFor("another leader", () => cluster.told("leader_changed").length === 2);
    const [second] = await leads();
    expect(second?.id).not.toBe(first?.id);
    expect(cluster.told("leader_changed").map(({ id }) => id)).toEqual([first?.id, second?.id]);
    await cluster.untilLive(3);
    const asked = await waitFor("answers of all three", async () => {
      const answers = await Promise.all(Array.from({ length: 9 }, () => cluster.get()));
      const byId = new Map(answers.map(({ id, isLeading }) => [id, isLeading]));
      return byId.size === 3 && byId;
    });
    // They say the same as the primary.
    expect([...asked].filter(([, isLeading]) => isLeading).map(([id]) => id)).toEqual([second?.id]);
    await cluster.ask("stop");
    expect(cluster.told("leader_changed").at(-1)).toMatchObject({ id: null });
  });
});
