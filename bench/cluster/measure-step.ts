import type { AuditResult } from "../audit-arm.ts";
import type { ClusterBench, PartResult } from "./cluster-bench.ts";
import { judge } from "./figures.ts";
import { pause, waitUntil } from "./wait-until.ts";
import { withSale } from "./with-sale.ts";

const scaleUpRps = 500;
const scaleDownRps = 200;
const workersMax = 6;
/** More than one worker fewer can serve within the limit, by a tenth: whatever the way there, it ends at all of them. */
const stepRps = scaleUpRps * (workersMax - 1) * 1.1;
const connections = 64;
const idleMs = 1_500;
const runs = 5;
const limitMs = 12_000;
const lookEveryMs = 20;

/** Measures how long a cluster of one idle worker takes to become as large as a sudden load wants it. */
export async function measureStep(bench: ClusterBench): Promise<PartResult> {
  const seconds: number[] = [];
  const audits: AuditResult[] = [];
  for (let run = 1; run <= (bench.options.smoke ? 1 : runs); run += 1) {
    const { found, audit } = await measureOneStep(bench);
    bench.log(`step ${run}: ${workersMax} workers after ${found.toFixed(2)} s`);
    seconds.push(found);
    audits.push(audit);
  }
  const shared = { unit: "s", goal: { atMost: 5 } } as const;
  const what = `seconds from a step in load until ${workersMax} workers are ready`;
  return {
    figures: [
      judge({ ...shared, name: "step", what: `${what}, the worst` }, seconds, "worst"),
      judge({ ...shared, name: "", what: `${what}, median` }, seconds, "median"),
    ],
    audits,
    notes: [],
  };
}

/** A worker takes 10 s to be let go, so each step has a service of its own. */
function measureOneStep(bench: ClusterBench) {
  const settings = { workersMin: 1, workersMax, scaleUpRps, scaleDownRps };
  return withSale(bench, settings, connections, async ({ buyers, operations }) => {
    await pause(idleMs, bench.signal);
    const sinceMs = performance.now();
    buyers.setRate(stepRps);
    const look = async () => (await operations.workers()).live >= workersMax && performance.now() - sinceMs;
    const reachedMs = await waitUntil(look, { everyMs: lookEveryMs, limitMs, signal: bench.signal });
    return (reachedMs ?? Number.POSITIVE_INFINITY) / 1000;
  });
}
