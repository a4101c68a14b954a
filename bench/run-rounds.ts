import type { Arm } from "./arms/arm-catalog.ts";
import { createHistory } from "./database/create-history.ts";
import { type Bench, type Measurement, measureArm } from "./measure-arm.ts";

/** Before the first measurement of an arm its code has yet to be compiled. */
const firstWarmUpMs = 4_000;
const smokeWarmUpMs = 1_500;
const warmUpMs = 1_000;

/**
 * Measures all arms in turn, forwards and backwards (A B B A), so that a machine that slows down or speeds up
 * during the run does so for all of them.
 *
 * @throws when the run is ended early; what was measured until then is dropped
 */
export async function runRounds(
  bench: Bench,
  arms: readonly Arm[],
  log: (message: string) => void,
): Promise<Measurement[][]> {
  const { signal, load } = bench;
  signal.addEventListener("abort", () => load.stopEarly());
  if (arms.some((arm) => arm.database === "history")) await prepareHistory(bench, log);
  const coldMs = bench.options.smoke ? smokeWarmUpMs : firstWarmUpMs;
  const warm = new Set<string>();
  const rounds: Measurement[][] = [];
  for (let round = 1; round <= bench.options.rounds; round += 1) {
    const measurements: Measurement[] = [];
    for (const arm of round % 2 === 1 ? arms : arms.toReversed()) {
      signal.throwIfAborted();
      const measurement = await measureArm(bench, arm, warm.has(arm.name) ? warmUpMs : coldMs);
      signal.throwIfAborted();
      warm.add(arm.name);
      measurements.push(measurement);
      log(`round ${round}: ${describe(measurement)}`);
    }
    rounds.push(measurements);
  }
  return rounds;
}

async function prepareHistory(bench: Bench, log: (message: string) => void): Promise<void> {
  const { client } = await bench.databases.get("history");
  bench.historyEventId = await createHistory(client, bench.options.history, log, bench.signal);
}

function describe({
  arm,
  perSecond,
  p99Ms,
  audit,
  failures,
  firstFailure,
  releasedAfterSeconds,
}: Measurement): string {
  const parts = [`${arm} ${Math.round(perSecond)} per s`, `p99 ${p99Ms.toFixed(1)} ms`];
  if (releasedAfterSeconds !== null) parts.push(`released after ${releasedAfterSeconds.toFixed(1)} s`);
  if (failures > 0) parts.push(`${failures} connections broke: ${firstFailure ?? "unknown"}`);
  if (!audit.passed) parts.push(`AUDIT FAILED ${JSON.stringify(audit.violations)}`);
  return parts.join(", ");
}
