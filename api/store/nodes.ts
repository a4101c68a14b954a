import { sql } from "kysely";
import type { Database } from "./open-database.ts";

/** One machine's supervisor. */
export interface Node {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly role: "all" | "api" | "jobs";
  readonly startedAtMs: number;
  readonly workersLive: number;
  readonly workersWanted: number;
  readonly requestsPerSecond: number;
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
}

/** A machine as the database knows it. */
export interface SeenNode extends Node {
  /** When it last said that it lives, by the database's clock. */
  readonly seenAtMs: number;
  /** How long ago that was. */
  readonly silentMs: number;
  /** Whether it said goodbye. */
  readonly isStopped: boolean;
}

/** More machines than anybody has. */
const nodesMax = 200;

/** Says that a machine lives, and how it is doing. */
export async function upsertNode(database: Database, node: Node): Promise<void> {
  const now = sql<Date>`clock_timestamp()`;
  const values = {
    name: node.name,
    version: node.version,
    role: node.role,
    started_at: new Date(node.startedAtMs),
    seen_at: now,
    stopped_at: null,
    workers_live: node.workersLive,
    workers_wanted: node.workersWanted,
    requests_per_second: node.requestsPerSecond,
    cpu_percent: node.cpuPercent,
    memory_bytes: node.memoryBytes,
  };
  await database
    .insertInto("nodes")
    .values({ id: node.id, ...values })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
    .execute();
}

/** Says goodbye for a machine, so that nobody takes it for lost. */
export async function markNodeStopped(database: Database, nodeId: string): Promise<void> {
  const now = sql<Date>`clock_timestamp()`;
  await database
    .updateTable("nodes")
    .set({ stopped_at: now, seen_at: now, workers_live: 0, requests_per_second: 0 })
    .where("id", "=", nodeId)
    .execute();
}

/** All machines that were heard of lately, by name. */
export async function selectNodes(database: Database): Promise<SeenNode[]> {
  const rows = await database
    .selectFrom("nodes")
    .selectAll()
    .select(sql<number>`(extract(epoch from clock_timestamp() - seen_at) * 1000)::float8`.as("silent_ms"))
    .orderBy("name")
    .orderBy("started_at")
    .limit(nodesMax)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    version: row.version,
    role: row.role,
    startedAtMs: row.started_at,
    seenAtMs: row.seen_at,
    silentMs: Math.max(0, row.silent_ms),
    isStopped: row.stopped_at !== null,
    workersLive: row.workers_live,
    workersWanted: row.workers_wanted,
    requestsPerSecond: row.requests_per_second,
    cpuPercent: row.cpu_percent,
    memoryBytes: row.memory_bytes,
  }));
}

/** Forgets machines that have not been heard of for so many hours. */
export async function deleteOldNodes(database: Database, hours: number): Promise<void> {
  await database
    .deleteFrom("nodes")
    .where("seen_at", "<", sql<number>`clock_timestamp() - make_interval(hours => ${hours})`)
    .execute();
}
