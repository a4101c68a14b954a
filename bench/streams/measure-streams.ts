import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import { type AuditResult, auditArm } from "../audit-arm.ts";
import type { ClusterBench, PartResult } from "../cluster/cluster-bench.ts";
import { type Figure, judge } from "../cluster/figures.ts";
import { OperationsClient } from "../cluster/operations-client.ts";
import { readMemoryMib } from "../cluster/read-process.ts";
import { type Service, startService } from "../cluster/service.ts";
import { pause } from "../cluster/wait-until.ts";
import { planLoad, prepareEvent } from "../cluster/with-sale.ts";
import { type Child, startChild } from "../start-child.ts";
import type { FollowerReply, FollowerRequest, Update } from "./follower-messages.ts";
import { requireOpenFiles } from "./require-open-files.ts";

const serveFollowersFile = resolve(import.meta.dirname, "serve-followers.ts");
const openMaxMs = 120_000;
const updateMaxMs = 30_000;
const settleMs = 2_000;
/** Updates come at any moment of the time that lies between two messages at least. */
const pauseMinMs = 50;
const pauseMaxMs = 250;
const updatesUsual = 150;
const updatesSmoke = 20;
/** Not counted: the code has yet to be compiled. */
const updatesToWarmUp = 20;

type FollowerProcess = Child<FollowerRequest, FollowerReply>;

interface Memory {
  readonly workerMib: number | null;
  readonly supervisorMib: number | null;
}

/** Measures how soon everybody who follows an event is told of a hold, and what so many cost the worker. */
export async function measureStreams(bench: ClusterBench): Promise<PartResult> {
  const { options, databases, signal, log } = bench;
  await requireOpenFiles(options.connections);
  const database = await databases.get("cluster");
  const eventId = await prepareEvent(bench, database);
  const service = await startService(database.connectionString, { workersMin: 1, workersMax: 1 }, signal);
  const followers: FollowerProcess = startChild<FollowerRequest, FollowerReply>(
    serveFollowersFile,
    "followers",
  );
  try {
    await pause(settleMs, signal);
    const atRest = await readMemory(service);
    const { port } = service;
    const streams = options.connections;
    const plan = planLoad({ port, database, eventId, kind: "hold", connections: streams });
    const { openMs } = await followers.ask({ kind: "open", plan, streams }, "opened", openMaxMs);
    log(`${streams} streams opened in ${Math.round(openMs)} ms`);
    const updates = await makeUpdates(bench, followers);
    const withStreams = await readMemory(service);
    const { received, messages } = await followers.ask({ kind: "close" }, "closed", updateMaxMs);
    const result = { received, confirmedTotal: 0, failures: 0 };
    const audit: AuditResult = await auditArm(database.client, { server: "desk" }, { plan, result });
    return {
      figures: [...judgeUpdates(updates, streams), ...judgeMemory(atRest, withStreams, streams)],
      audits: [audit],
      notes: [`${messages.toLocaleString("en")} messages arrived; opening took ${Math.round(openMs)} ms.`],
    };
  } finally {
    await followers.stop();
    await service.stop();
  }
}

async function makeUpdates({ options, signal }: ClusterBench, followers: FollowerProcess): Promise<Update[]> {
  const updates: Update[] = [];
  const wanted = options.smoke ? updatesSmoke : updatesUsual;
  for (let made = 0; made < updatesToWarmUp + wanted; made += 1) {
    const { update } = await followers.ask({ kind: "update" }, "updated", updateMaxMs);
    if (made >= updatesToWarmUp) updates.push(update);
    await pause(randomInt(pauseMinMs, pauseMaxMs), signal);
  }
  return updates;
}

function judgeUpdates(updates: readonly Update[], streams: number): Figure[] {
  const last = updates.map(({ lastClientMs }) => lastClientMs);
  const shown = { name: "", unit: "ms", goal: null } as const;
  const count = streams.toLocaleString("en");
  return [
    judge(
      {
        name: "streams",
        what: `a hold is sent until the last of ${count} clients is told, p99`,
        unit: "ms",
        goal: { atMost: 500 },
      },
      last,
      "p99",
    ),
    judge({ ...shown, what: "the same, median" }, last, "median"),
    judge(
      { ...shown, what: "until the first client is told, median" },
      updates.map(({ firstClientMs }) => firstClientMs),
      "median",
    ),
    judge(
      { ...shown, what: "until the hold is answered, median" },
      updates.map(({ answeredMs }) => answeredMs),
      "median",
    ),
  ];
}

/** Nothing where processes cannot be looked into. */
function judgeMemory(atRest: Memory, withStreams: Memory, streams: number): Figure[] {
  const figure = (name: string, what: string, mib: number | null, atMost: number | null) =>
    mib === null
      ? []
      : [judge({ name, what, unit: "MiB", goal: atMost === null ? null : { atMost } }, [mib], "sum")];
  const count = streams.toLocaleString("en");
  return [
    ...figure("", "the worker at rest", atRest.workerMib, null),
    ...figure("stream memory", `the worker with ${count} streams`, withStreams.workerMib, 250),
    ...figure("", `the supervisor with ${count} streams`, withStreams.supervisorMib, null),
  ];
}

async function readMemory(service: Service): Promise<Memory> {
  const [worker] = await new OperationsClient(service).readyWorkers();
  const [workerMib, supervisorMib] = await Promise.all([
    readMemoryMib(worker?.pid ?? 0),
    readMemoryMib(service.pid),
  ]);
  return { workerMib, supervisorMib };
}
