import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createSender } from "../../demo/http-sender.ts";
import { chooseWorker, killAWorker, type Processes } from "../../demo/kill-a-worker.ts";
import { type ListedWorker, type Operations, readOperations } from "../../demo/operations.ts";
import { type ProcessFacts, readProcess } from "../../demo/read-process.ts";

const eventId = "01a1fd61-5d8f-7367-906f-c7d171235e51";
const worker = (id: number, change: Partial<ListedWorker> = {}): ListedWorker => ({
  id,
  pid: 100 + id,
  state: "ready",
  rps: id,
  ...change,
});
const supervisor: ProcessFacts = { parentPid: 1, isNode: true, isClusterWorker: false };
const child: ProcessFacts = { parentPid: 100, isNode: true, isClusterWorker: true };
const family: Readonly<Record<number, ProcessFacts>> = {
  100: supervisor,
  101: child,
  102: child,
  103: child,
};

/** Processes that exist in this table only. */
function pretendProcesses(table: Readonly<Record<number, ProcessFacts>> = family, ownPid = 50) {
  const killed: number[] = [];
  const processes: Processes = {
    ownPid,
    read: async (pid) => table[pid] ?? null,
    kill: (pid) => killed.push(pid),
  };
  return { processes, killed };
}

function pretendOperations(
  workers: readonly ListedWorker[] | null,
  knowsEvent: boolean | null = true,
): Operations {
  return {
    url: new URL("http://127.0.0.1:3001"),
    countWorkers: async () => workers?.length ?? null,
    listWorkers: async () => workers,
    knowsEvent: async () => knowsEvent,
  };
}

describe("killing a worker", () => {
  test("ends the busiest one that is ready", async () => {
    const { processes, killed } = pretendProcesses();
    const operations = pretendOperations([worker(1), worker(2), worker(3, { state: "draining" })]);
    const result = await killAWorker(operations, processes, eventId);
    expect(result).toEqual({ kind: "killed", pid: 102, workerId: 2 });
    expect(killed).toEqual([102]);
  });

  const refusals: [what: string, Operations, Parameters<typeof pretendProcesses>, reason: RegExp][] = [
    ["nobody lists workers", pretendOperations(null), [], /did not list its workers/],
    ["the listener sells other events", pretendOperations([worker(1)], false), [], /another service/],
    ["the listener does not tell what it sells", pretendOperations([worker(1)], null), [], /did not tell/],
    ["no worker is there", pretendOperations([]), [], /no worker is ready/],
    ["no worker is ready", pretendOperations([worker(1, { state: "starting" })]), [], /no worker is ready/],
    ["it would be every process", pretendOperations([worker(1, { pid: 0 })]), [], /process 0 cannot be/],
    [
      "it would be the first process",
      pretendOperations([worker(1, { pid: 1 })]),
      [{ 1: child, 100: supervisor }],
      /process 1 cannot be/,
    ],
    ["it would be the demo itself", pretendOperations([worker(1)]), [family, 101], /process 101 cannot be/],
    ["there is no such process here", pretendOperations([worker(9)]), [], /may run elsewhere/],
    [
      "the process is no Node",
      pretendOperations([worker(1)]),
      [{ ...family, 101: { ...child, isNode: false } }],
      /is not a worker/,
    ],
    [
      "the process is a Node that no cluster started",
      pretendOperations([worker(1)]),
      [{ ...family, 101: { ...child, isClusterWorker: false } }],
      /is not a worker/,
    ],
    [
      "its parent is no Node",
      pretendOperations([worker(1)]),
      [{ ...family, 100: { ...supervisor, isNode: false } }],
      /not the child of a supervisor/,
    ],
    [
      "its sibling has another parent",
      pretendOperations([worker(1), worker(2)]),
      [{ ...family, 101: { ...child, parentPid: 77 } }],
      /do not have the same supervisor/,
    ],
  ];
  test.each(refusals)("is refused when %s", async (_what, operations, given, reason) => {
    const { processes, killed } = pretendProcesses(...given);
    const result = await killAWorker(operations, processes, eventId);
    expect(result).toEqual({ kind: "refused", reason: expect.stringMatching(reason) });
    expect(killed).toEqual([]);
  });

  test("is refused, and nothing thrown, when the process is gone at the last moment", async () => {
    const { processes } = pretendProcesses();
    const kill = () => {
      throw Object.assign(new Error("No such process"), { code: "ESRCH" });
    };
    const result = await killAWorker(pretendOperations([worker(1)]), { ...processes, kill }, eventId);
    expect(result).toEqual({ kind: "refused", reason: "the process 101 could not be ended (ESRCH)" });
  });

  test("can be tried out beforehand, and kills nothing then", async () => {
    const { processes, killed } = pretendProcesses();
    const choice = await chooseWorker(pretendOperations([worker(1)]), processes);
    expect(choice).toMatchObject({ kind: "chosen", worker: { pid: 101 } });
    expect(killed).toEqual([]);
  });
});

describe("a real process", () => {
  const started: ChildProcess[] = [];
  afterEach(async () => {
    for (const each of started.splice(0)) {
      if (each.exitCode !== null || each.signalCode !== null) continue;
      each.kill("SIGKILL");
      await once(each, "exit");
    }
  });

  test("is recognised as a worker of a cluster, with its supervisor as parent", async () => {
    const parent = fork(resolve(import.meta.dirname, "start-cluster-worker.ts"));
    started.push(parent);
    const [pid] = (await once(parent, "message")) as [number];
    expect(await readProcess(pid)).toEqual({ parentPid: parent.pid, isNode: true, isClusterWorker: true });
    const operations = pretendOperations([worker(1, { pid })]);
    const processes: Processes = {
      ownPid: process.pid,
      read: readProcess,
      kill: (target) => process.kill(target, "SIGKILL"),
    };
    expect(await killAWorker(operations, processes, eventId)).toMatchObject({ kind: "killed", pid });
    expect(await once(parent, "message")).toEqual(["SIGKILL", undefined]);
  });

  test("that is no worker is told from one", async () => {
    const sleeper = spawn("sleep", ["60"]);
    started.push(sleeper);
    await once(sleeper, "spawn");
    expect(await readProcess(sleeper.pid ?? 0)).toMatchObject({ parentPid: process.pid, isNode: false });
    expect(await readProcess(process.pid)).toMatchObject({ isNode: true, isClusterWorker: false });
  });

  test("that does not exist is nothing", async () => {
    const gone = spawn("true");
    await once(gone, "exit");
    expect(await readProcess(gone.pid ?? 0)).toBeNull();
    expect(await readProcess(0)).toBeNull();
  });
});

describe("the operations listener", () => {
  let server: Server;
  afterEach(() => server.close());

  async function serve(pages: Readonly<Record<string, unknown>>): Promise<Operations> {
    server = createServer((request, response) => {
      const page = pages[request.url ?? ""];
      if (page === undefined) response.statusCode = 404;
      response.end(JSON.stringify(page ?? {}));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return readOperations(createSender(url, null), url);
  }

  test("is read with whatever else it tells", async () => {
    const operations = await serve({
      "/ops/v1/overview": { verdict: "Selling normally", workers: { live: 3, wanted: 4, more: true } },
      "/ops/v1/workers": { data: [{ ...worker(1), more: true }], live: 1 },
      [`/ops/v1/sales?search=${eventId}`]: { data: [{ id: eventId, name: "Concert" }], total: 1 },
    });
    expect(await operations.countWorkers()).toBe(3);
    expect(await operations.listWorkers()).toEqual([{ ...worker(1), more: true }]);
    expect(await operations.knowsEvent(eventId)).toBe(true);
  });

  test("that knows the event by a similar name only does not know it", async () => {
    const operations = await serve({
      [`/ops/v1/sales?search=${eventId}`]: { data: [{ id: "01a1fd61-5d8f-7367-906f-c7d171235e52" }] },
    });
    expect(await operations.knowsEvent(eventId)).toBe(false);
  });

  test("that answers something else, or is away, tells nothing", async () => {
    const operations = await serve({
      "/ops/v1/overview": "hello",
      "/ops/v1/workers": { data: [{ pid: "1" }] },
    });
    expect(await operations.countWorkers()).toBeNull();
    expect(await operations.listWorkers()).toBeNull();
    expect(await operations.knowsEvent(eventId)).toBeNull();
    server.closeAllConnections();
    await new Promise((ended) => server.close(ended));
    expect(await operations.countWorkers()).toBeNull();
  });
});
