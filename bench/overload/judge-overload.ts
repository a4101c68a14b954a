import { type Figure, judge, percentile } from "../cluster/figures.ts";
import type { OverloadMeasurement } from "./overload-measurement.ts";
import { inTimeMs, recoveryPartMs, type Tally } from "./open-load-messages.ts";

/** So many parts in a row must be as calm as before, so that a lull does not pass for the end. */
const calmPartsMin = 5;
/** Below this a latency is the machine's noise, not a sign of load. */
const noiseMs = 25;

/** @returns the figures of each number of workers and each load, medians over the rounds */
export function judgeOverload(measurements: readonly OverloadMeasurement[]): Figure[] {
  const groups = new Map<string, OverloadMeasurement[]>();
  for (const measurement of measurements) {
    const name = `${measurement.workers}w ${measurement.kind === "hold" ? "holds" : "lives"}`;
    groups.set(name, [...(groups.get(name) ?? []), measurement]);
  }
  return [...groups].flatMap(([name, group]) => judgeGroup(name, group));
}

function judgeGroup(name: string, group: readonly OverloadMeasurement[]): Figure[] {
  const shown = (what: string, unit: Figure["unit"], of: (measured: OverloadMeasurement) => number) =>
    judge({ name: "", what: `${name}: ${what}`, unit, goal: null }, group.map(of), "median");
  const wanted = (
    figure: string,
    what: string,
    unit: Figure["unit"],
    goal: Figure["goal"],
    of: (measured: OverloadMeasurement) => number,
  ) => judge({ name: figure, what: `${name}: ${what}`, unit, goal }, group.map(of), "median");
  const share = (part: (tally: Tally) => number) => (measured: OverloadMeasurement) => {
    const overload = phaseOf(measured, 1);
    return (part(overload) / Math.max(overload.offered, 1)) * 100;
  };
  return [
    wanted("R9", "answered in time at 5 times the load that saturates / peak", "", { atLeast: 0.8 }, goodput),
    wanted(
      "R9 p99",
      "accepted, from arrival to answer, p99",
      "ms",
      { atMost: 500 },
      (measured) => phaseOf(measured, 1).p99Ms,
    ),
    wanted("R9 recovery", "seconds after its end until all is calm", "s", { atMost: 2 }, recoverySeconds),
    wanted(
      "R9 memory",
      "a worker in the second half of the overload / in the first",
      "",
      { atMost: 1.1 },
      growth,
    ),
    wanted("R9 probe", "/livez of the operations listener, p99", "ms", { atMost: 250 }, ({ sightings }) =>
      percentile(sightings.operationsMs, 0.99),
    ),
    wanted("R9 unsaid", "503s without Retry-After, and other answers", "", { atMost: 0 }, unsaid),
    shown("connections that ended with a request unanswered", "", resets),
    shown("the same for each second of the workers' processor time", "", cpuGoodput),
    shown("peak per second of the workers' processor time", "", ({ peakPerCpuSecond }) =>
      Math.round(peakPerCpuSecond),
    ),
    shown("a worker at most", "MiB", ({ sightings }) => sightings.workerMib),
    shown("a worker before the overload", "MiB", ({ sightings }) => sightings.workerMibBefore),
    shown("peak per second of the closed loop", "", ({ peakPerSecond }) => Math.round(peakPerSecond)),
    shown("arrivals that were sent, in times of the peak", "", sentTimes),
    shown("accepted, p50", "ms", (measured) => phaseOf(measured, 1).p50Ms),
    shown("refused, p50", "ms", (measured) => phaseOf(measured, 1).refusalP50Ms),
    shown("refused, p99", "ms", (measured) => phaseOf(measured, 1).refusalP99Ms),
    shown("of the arrivals: refused with 503", "%", share(refused)),
    shown(
      "of the arrivals: no connection was free",
      "%",
      share((tally) => tally.noConnection),
    ),
    shown(
      "of the arrivals: client gave up",
      "%",
      share((tally) => tally.givenUp),
    ),
    shown("confirmations refused, of all that were asked for", "%", confirmsRefused),
    shown("p99 before the overload", "ms", (measured) => phaseOf(measured, 0).p99Ms),
    shown("/livez of the public listener, p99", "ms", ({ sightings }) =>
      percentile(sightings.publicMs, 0.99),
    ),
  ];
}

/** What the figures do not tell. */
export function noteOverload(measurements: readonly OverloadMeasurement[], connections: number): string[] {
  const latestMs = Math.max(...measurements.map(({ result }) => result.latestMs));
  const lost = measurements.reduce((sum, { sightings }) => sum + sightings.workersLost, 0);
  return [
    `Arrivals do not wait for answers, and go over at most ${connections} connections with one request each: an ` +
      "arrival that finds none free is turned away unsent, as by a proxy in front, and counts as offered.",
    `In time is within ${inTimeMs} ms of the arrival. Latencies count from the arrival; the generator was ` +
      `${Math.round(latestMs)} ms late at worst.`,
    "Generator, service and PostgreSQL share this machine's cores: what the generator uses under overload is taken " +
      "from the service, so the first figure is lower than with a generator elsewhere.",
    `Workers that ended under load: ${lost}.`,
  ];
}

function phaseOf({ result }: OverloadMeasurement, index: 0 | 1): Tally {
  const phase = result.phases[index];
  if (phase === undefined) throw new Error("A phase of the load is missing.");
  return phase;
}

function goodput(measured: OverloadMeasurement): number {
  const { overloadMs, peakPerSecond } = measured;
  return ((phaseOf(measured, 1).good / overloadMs) * 1000) / peakPerSecond;
}

/** What the machine's other programs take from the service is not in this. */
function cpuGoodput(measured: OverloadMeasurement): number {
  const { overloadMs, peakPerCpuSecond, result } = measured;
  const [first, ...others] = looksDuring(measured, 0, overloadMs);
  const last = others.at(-1);
  if (first === undefined || last === undefined) return Number.NaN;
  const shareSeen = (last.atMs - first.atMs) / overloadMs;
  const cpuSeconds = last.workersCpuSeconds - first.workersCpuSeconds;
  return ((result.phases[1]?.good ?? 0) * shareSeen) / cpuSeconds / peakPerCpuSecond;
}

/** How much greater a worker was at most in the second half than in the first: 1 where it stays as it is. */
function growth(measured: OverloadMeasurement): number {
  const { overloadMs } = measured;
  const most = (fromMs: number, toMs: number) =>
    Math.max(...looksDuring(measured, fromMs, toMs).map(({ workerMib }) => workerMib));
  return most(overloadMs / 2, overloadMs) / most(0, overloadMs / 2);
}

/** What was seen in a part of the overload, told by milliseconds since its beginning. */
function looksDuring({ result, sightings }: OverloadMeasurement, fromMs: number, toMs: number) {
  const beginMs = result.phasesBeganAtMs[1] ?? 0;
  return sightings.looks.filter(({ atMs }) => atMs >= beginMs + fromMs && atMs < beginMs + toMs);
}

function sentTimes(measured: OverloadMeasurement): number {
  const { offered, noConnection } = phaseOf(measured, 1);
  return (((offered - noConnection) / measured.overloadMs) * 1000) / measured.peakPerSecond;
}

function refused({ holdsRefused, confirmsRefused: confirms }: Tally): number {
  return holdsRefused + confirms;
}

function confirmsRefused(measured: OverloadMeasurement): number {
  const { confirmed, confirmsRefused: confirms } = phaseOf(measured, 1);
  return (confirms / Math.max(confirmed + confirms, 1)) * 100;
}

function unsaid({ result }: OverloadMeasurement): number {
  return result.phases.reduce(
    (sum, { withoutRetryAfter, otherAnswers }) => sum + withoutRetryAfter + otherAnswers,
    0,
  );
}

/** As when a worker with more than its share closes idle connections while a request is on its way on one. */
function resets({ result }: OverloadMeasurement): number {
  return result.phases.reduce((sum, phase) => sum + phase.resets, 0);
}

/** From the end of the overload to the first of several parts in a row that are as before. */
function recoverySeconds(measured: OverloadMeasurement): number {
  const calmMs = Math.max(2 * phaseOf(measured, 0).p99Ms, noiseMs);
  const { recovery } = measured.result;
  const isCalm = (tally: Tally | undefined) =>
    tally !== undefined &&
    refused(tally) + tally.noConnection + tally.givenUp + tally.resets === 0 &&
    tally.p99Ms <= calmMs;
  const first = recovery.findIndex((_, index) =>
    recovery.slice(index, index + calmPartsMin).every((tally) => isCalm(tally)),
  );
  const isEnough = first >= 0 && first <= recovery.length - calmPartsMin;
  return isEnough ? (first * recoveryPartMs) / 1000 : Number.POSITIVE_INFINITY;
}
