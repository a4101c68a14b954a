import { armCatalog } from "../arms/arm-catalog.ts";
import { type AuditResult, auditArm } from "../audit-arm.ts";
import { BenchError } from "../bench-error.ts";
import type { BenchDatabase } from "../database/bench-databases.ts";
import type { ClusterBench, PartResult } from "./cluster-bench.ts";
import { judge } from "./figures.ts";
import { openOverviewPage } from "./overview-page.ts";
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
  readonly audit: AuditResult;
  /** What should not have happened. */
  readonly notes: readonly string[];
}

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
    const rounds: Record<OverheadArm, number>[] = [];
    const audits: AuditResult[] = [];
    const notes = new Set<string>();
    const warm = new Set<string>();
    for (let round = 1; round <= options.rounds; round += 1) {
      const rates: Record<OverheadArm, number> = { bare: 0, supervised: 0, watched: 0 };
      for (const arm of round % 2 === 1 ? arms : arms.toReversed()) {
        signal.throwIfAborted();
        // Two of the arms are one server.
        const server = arm === "bare" ? "bare" : "service";
        const coldMs = options.smoke ? smokeWarmUpMs : coldWarmUpMs;
        const measurement = await measureArm(bench, arm, service, warm.has(server) ? warmUpMs : coldMs);
        warm.add(server);
        rates[arm] = measurement.perSecond;
        audits.push(measurement.audit);
        for (const note of measurement.notes) notes.add(note);
        log(`round ${round}: ${arm} ${Math.round(measurement.perSecond)} holds per s`);
      }
      rounds.push(rates);
    }
    return { figures: judgeOverhead(rounds), audits, notes: [...notes] };
  } finally {
    await service.stop();
  }
}

function judgeOverhead(rounds: readonly Record<OverheadArm, number>[]) {
  const ratios = (arm: OverheadArm, over: OverheadArm) => rounds.map((rates) => rates[arm] / rates[over]);
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
  const result = await load.run(plan).finally(() => page?.close());
  bench.signal.throwIfAborted();
  const perSecond = ((result.countByStatus[201] ?? 0) / Math.max(result.measuredMs, 1)) * 1000;
  if (perSecond === 0) throw new BenchError(`No hold was made: ${result.firstFailure ?? "unknown"}`);
  const audit = await auditOf(database, plan, result);
  return { perSecond, audit, notes: describeOddities(arm, result, page?.failures() ?? 0) };
}

function auditOf(
  { client }: BenchDatabase,
  ...[plan, result]: [Parameters<typeof auditArm>[2]["plan"], Parameters<typeof auditArm>[2]["result"]]
): Promise<AuditResult> {
  return auditArm(client, { server: "desk" }, { plan, result });
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
