import { armCatalog } from "../arms/arm-catalog.ts";
import { type AuditResult, auditArm } from "../audit-arm.ts";
import { BenchError } from "../bench-error.ts";
import type { ClusterBench, PartResult } from "./cluster-bench.ts";
import { type Figure, judge } from "./figures.ts";
import { openOverviewPage } from "./overview-page.ts";
import { readCpuSeconds } from "./read-process.ts";
import { type Service, startService } from "./service.ts";
import { planLoad, prepareEvent } from "./with-sale.ts";

const arms = ["bare", "supervised", "watched"] as const;
/**
 * One worker without a supervisor; the whole service with one worker; the same with an Overview page open in a
 * browser.
 */
type OverheadArm = (typeof arms)[number];

interface OverheadMeasurement {
  readonly perSecond: number;
  /** What the supervisor used of a processor in percent; null where that is not known. */
  readonly supervisorPercent: number | null;
  readonly audit: AuditResult;
  /** What should not have happened. */
  readonly notes: readonly string[];
}

type OverheadRound = ReadonlyMap<OverheadArm, OverheadMeasurement>;

/** Before its first measurement the code of a server has yet to be compiled. */
const coldWarmUpMs = 4_000;
const smokeWarmUpMs = 1_500;
const warmUpMs = 1_000;

/** Measures what the supervisor costs the holds, and what an open dashboard costs them. */
export async function measureOverhead(bench: ClusterBench): Promise<PartResult> {
  const { options, databases, signal, log } = bench;
  const { connectionString } = await databases.get("cluster");
  const service = await startService(connectionString, { workersMin: 1, workersMax: 1 }, signal);
  try {
    const rounds: OverheadRound[] = [];
    const audits: AuditResult[] = [];
    const notes = new Set<string>();
    const warm = new Set<string>();
    for (let round = 1; round <= options.rounds; round += 1) {
      const measured = new Map<OverheadArm, OverheadMeasurement>();
      for (const arm of round % 2 === 1 ? arms : arms.toReversed()) {
        signal.throwIfAborted();
        // Two of the arms are one server.
        const server = arm === "bare" ? "bare" : "service";
        const coldMs = options.smoke ? smokeWarmUpMs : coldWarmUpMs;
        const measurement = await measureArm(bench, arm, service, warm.has(server) ? warmUpMs : coldMs);
        warm.add(server);
        measured.set(arm, measurement);
        audits.push(measurement.audit);
        for (const note of measurement.notes) notes.add(note);
        log(`round ${round}: ${arm} ${Math.round(measurement.perSecond)} holds per s`);
      }
      rounds.push(measured);
    }
    return { figures: judgeOverhead(rounds), audits, notes: [...notes] };
  } finally {
    await service.stop();
  }
}

function judgeOverhead(rounds: readonly OverheadRound[]): Figure[] {
  const rate = (round: OverheadRound, arm: OverheadArm) => round.get(arm)?.perSecond ?? Number.NaN;
  const ratios = (arm: OverheadArm, over: OverheadArm) =>
    rounds.map((round) => rate(round, arm) / rate(round, over));
  const supervisorUse = (arm: OverheadArm, what: string) => {
    const percents = rounds.flatMap((round) => round.get(arm)?.supervisorPercent ?? []);
    const shown = { name: "", what, unit: "%", goal: null } as const;
    return percents.length === 0 ? [] : [judge(shown, percents, "median")];
  };
  return [
    judge(
      {
        name: "supervisor",
        what: "holds per second of the service with one worker / of the worker alone",
        unit: "",
        goal: { atLeast: 0.97 },
      },
      ratios("supervised", "bare"),
      "median",
    ),
    judge(
      {
        name: "dashboard open",
        what: "holds per second with an Overview page open / without",
        unit: "",
        goal: { atLeast: 0.99 },
      },
      ratios("watched", "supervised"),
      "median",
    ),
    ...supervisorUse("supervised", "of a processor: the supervisor under this load"),
    ...supervisorUse("watched", "of a processor: the supervisor with an Overview page open"),
  ];
}

async function measureArm(
  bench: ClusterBench,
  arm: OverheadArm,
  service: Service,
  armWarmUpMs: number,
): Promise<OverheadMeasurement> {
  const { databases, options, load } = bench;
  const isBare = arm === "bare";
  const database = await databases.get(isBare ? "desk" : "cluster");
  const port = isBare ? await prepareBareWorker(bench) : service.port;
  const plan = planLoad({
    port,
    database,
    eventId: await prepareEvent(bench, database),
    kind: "hold",
    connections: options.connections,
    warmUpMs: armWarmUpMs,
    measuredMs: options.seconds * 1000,
  });
  const page = arm === "watched" ? openOverviewPage(service) : null;
  const sinceMs = performance.now();
  const usedBefore = await readCpuSeconds(service.pid);
  const result = await load.run(plan).finally(() => page?.close());
  const usedAfter = await readCpuSeconds(service.pid);
  const seconds = (performance.now() - sinceMs) / 1000;
  bench.signal.throwIfAborted();
  const perSecond = ((result.countByStatus[201] ?? 0) / Math.max(result.measuredMs, 1)) * 1000;
  if (perSecond === 0) throw new BenchError(`No hold was made: ${result.firstFailure ?? "unknown"}`);
  return {
    perSecond,
    supervisorPercent:
      usedBefore === null || usedAfter === null ? null : ((usedAfter - usedBefore) / seconds) * 100,
    audit: await auditArm(database.client, { server: "desk" }, { plan, result }),
    notes: describeOddities(arm, result, page?.failures() ?? 0),
  };
}

/** The service's own application in a process without a supervisor: the bench's arm "desk". */
async function prepareBareWorker({ servers }: ClusterBench): Promise<number> {
  const desk = armCatalog.find(({ name }) => name === "desk");
  if (desk === undefined) throw new BenchError("The catalog has no arm desk.");
  return (await servers.prepare(desk)).port;
}

function describeOddities(
  arm: OverheadArm,
  { failures, firstFailure }: { failures: number; firstFailure: string | null },
  pageFailures: number,
): string[] {
  const notes: string[] = [];
  if (failures > 0)
    notes.push(`${arm}: ${failures} connections were closed or broke: ${firstFailure ?? "unknown"}`);
  if (pageFailures > 0) notes.push(`${arm}: ${pageFailures} requests of the open page had no right answer.`);
  return notes;
}
