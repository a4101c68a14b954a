import { type AuditResult, auditArm } from "../audit-arm.ts";
import type { ClusterBench, PartResult } from "../cluster/cluster-bench.ts";
import { type Figure, judge } from "../cluster/figures.ts";
import { type Service, startService } from "../cluster/service.ts";
import { waitUntil } from "../cluster/wait-until.ts";
import { planLoad, prepareEvent } from "../cluster/with-sale.ts";
import type { BenchDatabase } from "../database/bench-databases.ts";
import type { LoadResult } from "../load/load-plan.ts";
import { sendSignUps } from "./send-sign-ups.ts";

/** 10,000 in 60 seconds. */
const signUpsPerSecond = 10_000 / 60;
/** Fewer than a rush: each hold is then as quick as it can be, and what stands in its way shows. */
const connections = 16;
const coldWarmUpMs = 4_000;
const warmUpMs = 1_000;
const codesSentMaxMs = 30_000;

/** One to begin with, then calm, busy, busy, calm, twice: a machine that slows down or speeds up does so for both. */
const order = [false, false, true, true, false, false, true, true, false];

interface Phase {
  readonly isBusy: boolean;
  readonly result: LoadResult;
}

/** Measures how many verifications can be started, and what they cost the holds beside them. */
export async function measureVerifications(bench: ClusterBench): Promise<PartResult> {
  const { options, databases, signal, log } = bench;
  const database = await databases.get("cluster");
  const eventId = await prepareEvent(bench, database);
  const service = await startService(database.connectionString, { workersMin: 1, workersMax: 1 }, signal);
  const seconds = options.smoke ? 1 : 15;
  try {
    const phases: Phase[] = [];
    const audits: AuditResult[] = [];
    let signedUp = 0;
    for (const [index, isBusy] of order.entries()) {
      signal.throwIfAborted();
      const plan = planLoad({
        port: service.port,
        database,
        eventId,
        kind: "hold",
        connections,
        warmUpMs: index === 0 ? coldWarmUpMs : warmUpMs,
        measuredMs: seconds * 1000,
      });
      const count = Math.round(signUpsPerSecond * seconds);
      const sending = isBusy
        ? signUpBeside(service, database, { firstNumber: signedUp, count, seconds }, signal)
        : null;
      const result = await bench.load.run(plan);
      await sending;
      if (isBusy) signedUp += count;
      // The first is quicker than all that follow: its tables are empty.
      if (index > 0) phases.push({ isBusy, result });
      audits.push(await auditArm(database.client, { server: "desk" }, { plan, result }));
      log(
        `${isBusy ? "beside sign-ups" : "holds alone"}: p50 ${result.p50Ms.toFixed(1)} ms, p99 ${result.p99Ms.toFixed(1)} ms`,
      );
    }
    const sentAll = await countSentCodes(database, signedUp, signal);
    return { figures: judgePhases(phases, { signedUp, sentAll }), audits, notes: [] };
  } finally {
    await service.stop();
  }
}

async function signUpBeside(
  { port }: Service,
  { apiKey }: BenchDatabase,
  { firstNumber, count, seconds }: { firstNumber: number; count: number; seconds: number },
  signal: AbortSignal,
): Promise<void> {
  await sendSignUps({ port, apiKey }, { firstNumber, count, forMs: seconds * 1000 }, signal);
}

/** Waits until every code has been sent. @returns how many were in the end */
async function countSentCodes(
  { client }: BenchDatabase,
  wanted: number,
  signal: AbortSignal,
): Promise<number> {
  let sent = 0;
  const look = async () => {
    const { rows } = await client.query(
      "select count(*) as sent from verifications where sms_sent_at is not null",
    );
    sent = Number(rows[0]?.sent);
    return sent >= wanted;
  };
  await waitUntil(look, { everyMs: 200, limitMs: codesSentMaxMs, signal });
  return sent;
}

function judgePhases(
  phases: readonly Phase[],
  { signedUp, sentAll }: { readonly signedUp: number; readonly sentAll: number },
): Figure[] {
  const slowdown = (figure: (result: LoadResult) => number) => {
    const of = (isBusy: boolean) =>
      phases.filter((phase) => phase.isBusy === isBusy).map(({ result }) => figure(result));
    const calm = of(false);
    return of(true).map((busy, index) => busy / (calm[index] ?? Number.NaN));
  };
  const perSecond = ({ countByStatus, measuredMs }: LoadResult) =>
    ((countByStatus[201] ?? 0) / measuredMs) * 1000;
  const shown = { unit: "", goal: null } as const;
  return [
    judge(
      {
        name: "verifications",
        what: "codes sent of verifications started at 10,000 a minute",
        unit: "",
        goal: { atLeast: 1 },
      },
      [sentAll / signedUp],
      "sum",
    ),
    judge(
      { name: "beside them", what: "p50 of holds beside sign-ups / alone", unit: "", goal: { atMost: 1.1 } },
      slowdown(({ p50Ms }) => p50Ms),
      "median",
    ),
    judge(
      { ...shown, name: "", what: "p99 of holds beside sign-ups / alone" },
      slowdown(({ p99Ms }) => p99Ms),
      "median",
    ),
    judge(
      { ...shown, name: "", what: "holds per second beside sign-ups / alone" },
      slowdown(perSecond),
      "median",
    ),
  ];
}
