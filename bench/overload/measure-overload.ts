import { resolve } from "node:path";
import { type AuditResult, auditArm } from "../audit-arm.ts";
import { BenchError } from "../bench-error.ts";
import type { ClusterBench, PartResult } from "../cluster/cluster-bench.ts";
import { type Service, startService } from "../cluster/service.ts";
import { planLoad, prepareEvent } from "../cluster/with-sale.ts";
import type { BenchDatabase } from "../database/bench-databases.ts";
import type { LoadPlan } from "../load/load-plan.ts";
import { startChild } from "../start-child.ts";
import { judgeOverload, noteOverload } from "./judge-overload.ts";
import { type OverloadMeasurement, overloadKinds, type OverloadKind } from "./overload-measurement.ts";
import type { OpenLoadReply, OpenLoadRequest, OpenLoadResult, Phase } from "./open-load-messages.ts";
import { readWorkersCpu, watchService } from "./watch-service.ts";

const serveOpenLoadFile = resolve(import.meta.dirname, "serve-open-load.ts");
/** Connections that find the peak: where one worker is at its best. */
const peakConnections = 256;
const coldWarmUpMs = 4_000;
const smokeWarmUpMs = 1_500;
const calmMs = 3_000;
const afterMs = 5_000;
const calmShare = 0.3;
const overloadTimes = 5;
/** Beyond the time of the phases: opening connections, the last answers, and the way of the result. */
const marginMs = 30_000;

/**
 * Measures what is left of a service's best when several times of what saturates it arrives: by how many of the
 * accepted answers come in time, and how soon all is as before when the load has gone.
 */
export async function measureOverload(bench: ClusterBench): Promise<PartResult> {
  bench.signal.addEventListener("abort", () => bench.load.stopEarly());
  const measurements: OverloadMeasurement[] = [];
  const audits: AuditResult[] = [];
  for (const workers of bench.options.smoke ? [1] : [1, 2]) {
    const database = await bench.databases.get("cluster");
    const eventId = await prepareEvent(bench, database);
    const settings = { workersMin: workers, workersMax: workers };
    const service = await startService(database.connectionString, settings, bench.signal);
    try {
      for (let round = 1; round <= bench.options.rounds; round += 1) {
        for (const kind of overloadKinds) {
          const measured = await measureOne(bench, { service, database, eventId, workers, kind, round });
          measurements.push(measured.measurement);
          audits.push(...measured.audits);
          bench.log(describeProgress(measured.measurement, round));
        }
      }
    } finally {
      await service.stop();
    }
  }
  return {
    figures: judgeOverload(measurements),
    audits,
    notes: noteOverload(measurements, bench.options.connections),
  };
}

async function measureOne(
  bench: ClusterBench,
  place: {
    readonly service: Service;
    readonly database: BenchDatabase;
    readonly eventId: string;
    readonly workers: number;
    readonly kind: OverloadKind;
    readonly round: number;
  },
): Promise<{ measurement: OverloadMeasurement; audits: AuditResult[] }> {
  const { options, load, signal } = bench;
  const { service, database, workers, kind, round } = place;
  const plan = (connections: number): LoadPlan =>
    planLoad({
      ...place,
      port: service.port,
      connections,
      warmUpMs: round > 1 ? 1_000 : options.smoke ? smokeWarmUpMs : coldWarmUpMs,
      measuredMs: Math.min(options.seconds * 1000, 5_000),
    });
  signal.throwIfAborted();
  const peakPlan = plan(peakConnections);
  const cpuBefore = await readWorkersCpu(service);
  const peak = await load.run(peakPlan);
  const peakCpuSeconds = (await readWorkersCpu(service)) - cpuBefore;
  const counted = peak.countByStatus[kind === "hold" ? 201 : 200] ?? 0;
  const peakPerSecond = (counted / Math.max(peak.measuredMs, 1)) * 1000;
  if (peakPerSecond === 0) throw new BenchError(`No hold was made: ${peak.firstFailure ?? "unknown"}`);
  const peakTotal = kind === "hold" ? peak.received.count : peak.confirmedTotal;
  const peakAudit = await auditArm(database.client, { server: "desk" }, { plan: peakPlan, result: peak });
  signal.throwIfAborted();

  const openPlan = plan(options.connections);
  const overloadMs = options.seconds * 1000;
  const calmPerSecond = peakPerSecond * calmShare;
  const stopWatching = await watchService(service, signal);
  const result = await makeOpenLoad(openPlan, [
    { ratePerSecond: calmPerSecond, ms: calmMs },
    { ratePerSecond: peakPerSecond * overloadTimes, ms: overloadMs },
    { ratePerSecond: calmPerSecond, ms: afterMs },
  ]);
  const sightings = await stopWatching();
  const audit = await auditArm(database.client, { server: "desk" }, { plan: openPlan, result });
  return {
    measurement: {
      workers,
      kind,
      peakPerSecond,
      peakPerCpuSecond: peakTotal / peakCpuSeconds,
      overloadMs,
      result,
      sightings,
    },
    audits: [peakAudit, audit],
  };
}

async function makeOpenLoad(plan: LoadPlan, phases: readonly Phase[]): Promise<OpenLoadResult> {
  const child = startChild<OpenLoadRequest, OpenLoadReply>(serveOpenLoadFile, "open load");
  try {
    const limitMs = phases.reduce((sum, { ms }) => sum + ms, marginMs);
    return (await child.ask({ kind: "run", plan, phases }, "result", limitMs)).result;
  } finally {
    await child.stop();
  }
}

function describeProgress(measured: OverloadMeasurement, round: number): string {
  const { workers, kind, peakPerSecond, overloadMs, result } = measured;
  const overload = result.phases[1];
  const goodPerSecond = ((overload?.good ?? 0) / overloadMs) * 1000;
  const name = kind === "hold" ? "holds" : "lives";
  return (
    `${workers} worker(s), round ${round}, ${name}: peak ${Math.round(peakPerSecond)} per s, ` +
    `overloaded ${Math.round(goodPerSecond)} per s, p99 ${Math.round(overload?.p99Ms ?? 0)} ms`
  );
}
