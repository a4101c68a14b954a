import type { AlertName, HealthStatus } from "../contract/dashboard.ts";
import { type Finding, type Measured, rules, type Severity, startMaxMs } from "./health-rules.ts";

/** What was found of one alert, and since when. */
interface AlertState {
  readonly finding: Finding;
  /** In the clock of `Measured.nowMs`. */
  readonly sinceMs: number;
  readonly isFiring: boolean;
}

interface Alert extends Finding {
  readonly name: AlertName;
  readonly sinceMs: number;
}

/** How a machine is doing. The next judgement is made with the help of this one. */
export interface Judgement {
  readonly status: HealthStatus;
  /** One sentence for people, the worst first. */
  readonly verdict: string;
  /** Since when the status is what it is, in the clock of `Measured.nowMs`. */
  readonly sinceMs: number;
  /** What fires, the most severe first. */
  readonly firing: readonly Alert[];
  /** All findings, those that do not last long enough to fire included. */
  readonly states: ReadonlyMap<AlertName, AlertState>;
  readonly isFailing: boolean;
}

/** Judges health by what was measured and by what was judged before; decides alone, without a clock of its own. */
export function judgeHealth(measured: Measured, previous: Judgement | null): Judgement {
  const states = new Map<AlertName, AlertState>();
  for (const rule of rules) {
    const before = previous?.states.get(rule.name) ?? null;
    const severity: Severity | null = before?.isFiring === true ? before.finding.severity : null;
    const found = rule.find(measured, severity);
    if (found === null) continue;
    if (found === "unknown") {
      if (before !== null) states.set(rule.name, before);
      continue;
    }
    const sinceMs = before?.sinceMs ?? measured.nowMs;
    const isFiring = severity !== null || measured.nowMs - sinceMs >= rule.delayMs;
    states.set(rule.name, { finding: found, sinceMs, isFiring });
  }
  const firing = listFiring(states);
  const isFailing = judgeFailing(measured, previous?.isFailing ?? false);
  const status = statusOf(measured, firing, isFailing);
  return {
    status,
    verdict: describe(measured, firing, isFailing),
    sinceMs: previous?.status === status ? previous.sinceMs : measured.nowMs,
    firing,
    states,
    isFailing,
  };
}

function listFiring(states: ReadonlyMap<AlertName, AlertState>): Alert[] {
  const alerts = [...states].flatMap(([name, { finding, sinceMs, isFiring }]) =>
    isFiring ? [{ name, sinceMs, ...finding }] : [],
  );
  const rank = ({ severity }: Alert) => (severity === "critical" ? 0 : 1);
  // Stable: among equals the order of the rules stays.
  return alerts.toSorted((a, b) => rank(a) - rank(b));
}

/** Whether requests fail right now. The error budget is slower to notice. */
function judgeFailing({ recent: { requests, errors } }: Measured, isFailing: boolean): boolean {
  const percent = requests === 0 ? 0 : (100 * errors) / requests;
  return isFailing ? errors > 0 && percent >= 0.2 : errors >= 2 && percent >= 1;
}

function statusOf(measured: Measured, firing: readonly Alert[], isFailing: boolean): HealthStatus {
  if (firing.some(({ name }) => name === "PostgreSQLDown" || name === "NoLiveWorkers")) return "down";
  return firing.length > 0 || isFailing || isStarting(measured) ? "degraded" : "ok";
}

function isStarting({ database, workers, uptimeMs }: Measured): boolean {
  return database.isUp === null || (workers.live === 0 && uptimeMs < startMaxMs);
}

function describe(measured: Measured, firing: readonly Alert[], isFailing: boolean): string {
  const figures = `${describeWorkers(measured)}, ${describeOversold(measured)}`;
  const [worst, ...others] = firing;
  if (worst !== undefined) {
    // The error budget tells of the same failures.
    const isTold = firing.some(({ name }) => name === "ErrorBudgetBurn");
    const rest = others.length + (isFailing && !isTold ? 1 : 0);
    const more = rest === 0 ? "" : `, and ${rest} more ${rest === 1 ? "trouble" : "troubles"}`;
    return `${describeWorst(measured, worst)}${more}: ${figures}`;
  }
  if (isFailing) return `${describeFailures(measured)} fail: ${figures}`;
  if (isStarting(measured)) return `Starting, ${figures}`;
  return `${describeSales(measured)}, ${figures}`;
}

/** A warning leaves sales going on, which is what people want to know first. */
function describeWorst(measured: Measured, { severity, headline }: Finding): string {
  if (severity === "critical") return headline;
  const sales = describeSales(measured).replace(" normally", "");
  return `${sales}, but ${headline.charAt(0).toLowerCase()}${headline.slice(1)}`;
}

/** In few steps, since it is read out when it changes. */
function describeFailures({ recent: { requests, errors } }: Measured): string {
  const percent = requests === 0 ? 0 : (100 * errors) / requests;
  const step = [50, 25, 10, 5, 1].find((limit) => percent >= limit);
  return step === undefined
    ? "Some requests"
    : `${step === 50 ? "Half or more" : `${step} % or more`} of the requests`;
}

function describeSales({ role, stock }: Measured): string {
  if (role === "jobs") return "Doing background work";
  if (stock === null) return "Serving, the stock is not added up yet";
  const { events, eventsOnSale, eventsPaused } = stock;
  if (events === 0) return "Ready, no event yet";
  const paused =
    eventsPaused === 0 ? "" : `, ${eventsPaused} ${eventsPaused === 1 ? "event" : "events"} paused`;
  if (eventsOnSale === 0) return `Ready, nothing is on sale${paused}`;
  return eventsPaused === 0 ? "Selling normally" : `Selling${paused}`;
}

function describeWorkers({ workers: { live, max } }: Measured): string {
  return `${live} of ${max} ${max === 1 ? "worker" : "workers"}`;
}

function describeOversold({ oversold }: Measured): string {
  return oversold === null ? "oversold not known" : `${oversold} oversold`;
}
