import { randomBytes } from "node:crypto";
import type { Arm } from "./arms/arm-catalog.ts";
import type { ArmServers } from "./arms/arm-servers.ts";
import { type AuditResult, auditArm } from "./audit-arm.ts";
import type { BenchDatabase, BenchDatabases } from "./database/bench-databases.ts";
import { ampleCapacity, createEvents, emptyTables } from "./database/create-events.ts";
import { createOtherHolds, waitUntilReleased } from "./database/other-holds.ts";
import type { LoadGenerator } from "./load-generator.ts";
import type { LoadPlan } from "./load/load-plan.ts";
import { type AuditedLoad, measureCheckouts } from "./measure-checkouts.ts";
import type { Options } from "./parse-options.ts";

/** What one measurement of an arm found. */
export interface Measurement {
  readonly arm: string;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly latencyMaxMs: number;
  readonly measuredMs: number;
  /** Answers in the measured time by status. */
  readonly countByStatus: Readonly<Record<number, number>>;
  readonly failures: number;
  readonly firstFailure: string | null;
  /** From the common deadline until none of the other holds was held any more; null without such holds. */
  readonly releasedAfterSeconds: number | null;
  readonly audit: AuditResult;
}

/** What every measurement of a run works with. */
export interface Bench {
  readonly options: Options;
  readonly databases: BenchDatabases;
  readonly servers: ArmServers;
  readonly load: LoadGenerator;
  /** Ends the run early: a load that is running is cut short. */
  readonly signal: AbortSignal;
  /** The event of the database with the history; null until that is prepared. */
  historyEventId: string | null;
}

const eventCounts = { one: 1, sold_out: 1, thousand: 1_000, thirty: 30 } as const;
/** Of events whose tickets are paid for. */
const ticketCents = 1_000;
/** How long the release of the other holds is watched. */
const releaseMaxSeconds = 60;
/** How long holds are measured while others expire: as long as the release may take. */
const expiringMeasuredMs = 10_000;

/** Measures one arm once, and audits what it left. */
export async function measureArm(bench: Bench, arm: Arm, warmUpMs: number): Promise<Measurement> {
  const database = await bench.databases.get(arm.database);
  const eventIds = await prepareEvents(bench, arm, database);
  const plan = await planLoad(bench, arm, database, eventIds, warmUpMs);
  const { result, releasedAfterSeconds, audit } = await runMeasurement(bench, arm, database, eventIds, plan);
  return {
    arm: arm.name,
    perSecond: ((result.countByStatus[arm.countedStatus] ?? 0) / Math.max(result.measuredMs, 1)) * 1000,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    latencyMaxMs: result.latencyMaxMs,
    measuredMs: result.measuredMs,
    countByStatus: result.countByStatus,
    failures: result.failures,
    firstFailure: result.firstFailure,
    releasedAfterSeconds,
    audit,
  };
}

async function prepareEvents(bench: Bench, arm: Arm, database: BenchDatabase): Promise<string[]> {
  if (arm.events === "one_with_history") return bench.historyEventId === null ? [] : [bench.historyEventId];
  await emptyTables(database.client);
  const count = eventCounts[arm.events];
  const priceCents = arm.load === "checkout" ? ticketCents : 0;
  return createEvents(database.client, count, arm.events === "sold_out" ? 0 : ampleCapacity, priceCents);
}

async function planLoad(
  bench: Bench,
  arm: Arm,
  database: BenchDatabase,
  eventIds: readonly string[],
  warmUpMs: number,
): Promise<LoadPlan> {
  const { options, servers } = bench;
  const { port } = await servers.prepare(arm);
  return {
    host: "127.0.0.1",
    port,
    apiKey: database.apiKey,
    kind: arm.load,
    eventIds,
    userTag: randomBytes(3).toString("hex"),
    connections: arm.connections ?? options.connections,
    carts: 0,
    warmUpMs,
    measuredMs: arm.otherHolds === "expiring" ? expiringMeasuredMs : options.seconds * 1000,
  };
}

async function runMeasurement(
  bench: Bench,
  arm: Arm,
  database: BenchDatabase,
  eventIds: readonly string[],
  plan: LoadPlan,
): Promise<AuditedLoad> {
  const { load, databases, signal } = bench;
  if (arm.load === "checkout") {
    const parts = { load, client: database.client, signal, checkpoint: () => checkpoint(databases) };
    return measureCheckouts(parts, plan, arm.otherCarts === "expiring");
  }
  const measured = await runHolds(bench, arm, database, eventIds, plan);
  return { ...measured, audit: await auditArm(database.client, arm, { plan, result: measured.result }) };
}

async function runHolds(
  bench: Bench,
  arm: Arm,
  database: BenchDatabase,
  eventIds: readonly string[],
  plan: LoadPlan,
): Promise<Omit<AuditedLoad, "audit">> {
  const { load, databases, options, signal } = bench;
  if (arm.otherHolds === undefined) {
    await checkpoint(databases);
    return { result: await load.run(plan), releasedAfterSeconds: null };
  }
  const deadline = await createOtherHolds(database.client, {
    eventId: eventIds[0] ?? "",
    count: options.otherHolds,
    expiring: arm.otherHolds === "expiring",
  });
  await checkpoint(databases);
  if (arm.otherHolds === "staying") return { result: await load.run(plan), releasedAfterSeconds: null };

  // The counted time starts at the deadline, so the warm-up takes what is left until then.
  const warmUpMs = await deadline.remainingMs();
  const running = load.run({ ...plan, warmUpMs });
  const released = waitUntilReleased(database.client, deadline, releaseMaxSeconds, signal).finally(() =>
    load.stopEarly(),
  );
  const [result, releasedAfterSeconds] = await Promise.all([running, released]);
  return { result, releasedAfterSeconds };
}

/** Pays for what came before, so that no checkpoint of another arm's writes falls into this measurement. */
export async function checkpoint(databases: BenchDatabases): Promise<void> {
  // A role that may not do this measures all the same, with more noise.
  await databases.server.query("checkpoint").catch(() => {});
}
