import { availableParallelism } from "node:os";

/** When the number of workers changes. Rates are requests per second of one worker. */
export interface ScalingRules {
  /** More than this, sustained, and the cluster grows. */
  readonly upRequestsPerSecond: number;
  /** Less than this for the whole cool-down, and the cluster may shrink. */
  readonly downRequestsPerSecond: number;
  /** The second signal: event loops that are busy and later than this make the cluster grow. */
  readonly upLagMs: number;
  /** How long the load must have been low, with no change of any kind, before the cluster shrinks. */
  readonly coolDownMs: number;
  /** How many workers may go at a time. */
  readonly downStep: number;
  /** How long the rate at which the event loops lagged is remembered, so that shrinking does not bring it back. */
  readonly lagMemoryMs: number;
  /** How many workers the machine can run at a time: when it is full, more would only get in each other's way. */
  readonly cores: number;
  /** A machine that is busier than this has no room for more workers than cores, 0 to 1. */
  readonly fullBusyFraction: number;
  /** A machine that was full has room again when it is less busy than this, 0 to 1. */
  readonly roomyBusyFraction: number;
}

export const defaultScalingRules: ScalingRules = {
  upRequestsPerSecond: 1_500,
  downRequestsPerSecond: 600,
  upLagMs: 100,
  coolDownMs: 10_000,
  downStep: 1,
  lagMemoryMs: 300_000,
  cores: availableParallelism(),
  fullBusyFraction: 0.9,
  roomyBusyFraction: 0.5,
};

/** What was seen in the last second or so, over all ready workers. */
export interface Measurement {
  /** On a clock that never goes back. */
  readonly atMs: number;
  readonly readyWorkers: number;
  /** The mean rate of the whole cluster. */
  readonly requestsPerSecond: number;
  /** The rate that held for most of the time: a short burst is not in it. */
  readonly sustainedRequestsPerSecond: number;
  /** What the event loops of at least half of the workers lag by; null when unknown. */
  readonly lagMs: number | null;
  /** How busy those event loops are, 0 to 1. */
  readonly busyFraction: number;
  /** How busy all cores of the machine are, by whatever processes, 0 to 1; null when unknown. */
  readonly machineBusyFraction: number | null;
}

/** What the next decision needs to know of the ones before. */
export interface ScalingState {
  readonly wanted: number;
  readonly changedAtMs: number;
  /** Since when the load has been low enough for fewer workers; null while it is not. */
  readonly calmSinceMs: number | null;
  /** The rate of one worker at which the event loops lagged, and when. */
  readonly lagged: { readonly requestsPerSecond: number; readonly atMs: number } | null;
  /** Since when the machine has been full; null while it is not. */
  readonly fullSinceMs: number | null;
  /** Since when there are no more workers than cores, because the machine was full with more; null otherwise. */
  readonly crowdedSinceMs: number | null;
}

export interface Decision {
  readonly state: ScalingState;
  /** A sentence with the figures when the number changed, otherwise null. */
  readonly reason: string | null;
}

type Rules = ScalingRules & { readonly min: number; readonly max: number };

/** After growing, each worker is meant to have this share of what would make the cluster grow again. */
const aimShare = 0.7;
/** After shrinking, each worker may have at most this share of it, so that noise does not bring the worker back. */
const refillShare = 0.8;
/** A machine that has been full for so long with more workers than cores is crowded... */
const crowdedAfterMs = 3_000;
/** ...and stays so for at least this long, so that workers do not come and go. */
const crowdedMinMs = 60_000;
/** A loop that is late but mostly idle is starved by others; more workers would starve it more. */
const busyEnough = 0.5;

export function beginScaling(min: number, nowMs: number): ScalingState {
  return {
    wanted: min,
    changedAtMs: nowMs,
    calmSinceMs: null,
    lagged: null,
    fullSinceMs: null,
    crowdedSinceMs: null,
  };
}

/**
 * Decides how many workers there shall be. Pure: what it needs to remember travels in the state.
 *
 * It grows at once to what the rate needs, to at most twice the ready workers and one, and it counts from the
 * workers that are ready, so that those on their way are not ordered twice. It shrinks by one step, after a calm
 * cool-down, and only when those that remain stay well below what would make it grow. On a machine whose cores are
 * all busy there are no more workers than cores, however many requests come: processes that take turns on a core
 * serve less together than those that have one each.
 */
export function decideWorkerCount(state: ScalingState, measurement: Measurement, rules: Rules): Decision {
  if (measurement.readyWorkers === 0) return { state: { ...state, calmSinceMs: null }, reason: null };
  const lagged = rememberLag(state, measurement, rules);
  const noted = { ...state, lagged, ...noteCrowding(state, measurement, rules) };
  const bounded = { ...rules, max: mostUseful(noted, measurement, rules) };
  if (noted.crowdedSinceMs !== null && noted.wanted > bounded.max) {
    const reason = `All cores are busy: ${count(noted.wanted)} on ${cores(rules.cores)} are too many.`;
    return change({ ...noted, calmSinceMs: null }, bounded.max, measurement, reason);
  }
  return grow(noted, measurement, bounded) ?? shrink(noted, measurement, bounded);
}

/** What is remembered of a machine that was full. */
function noteCrowding(
  { wanted, fullSinceMs, crowdedSinceMs }: ScalingState,
  { atMs, machineBusyFraction: busy }: Measurement,
  rules: Rules,
): Pick<ScalingState, "fullSinceMs" | "crowdedSinceMs"> {
  if (busy === null) return { fullSinceMs, crowdedSinceMs };
  const isFull = busy >= rules.fullBusyFraction;
  const fullSince = isFull ? (fullSinceMs ?? atMs) : null;
  if (crowdedSinceMs !== null) {
    const hasRoom = busy < rules.roomyBusyFraction && atMs - crowdedSinceMs >= crowdedMinMs;
    return { fullSinceMs: fullSince, crowdedSinceMs: hasRoom ? null : crowdedSinceMs };
  }
  const isCrowded = wanted > rules.cores && fullSince !== null && atMs - fullSince >= crowdedAfterMs;
  return { fullSinceMs: fullSince, crowdedSinceMs: isCrowded ? atMs : null };
}

/** The most workers that can help now. */
function mostUseful(state: ScalingState, { machineBusyFraction }: Measurement, rules: Rules): number {
  const byCores = clamp(rules.cores, rules.min, rules.max);
  if (state.crowdedSinceMs !== null) return byCores;
  const isFull = machineBusyFraction !== null && machineBusyFraction >= rules.fullBusyFraction;
  // What is there stays until it is certain that it is too much.
  return isFull ? Math.max(byCores, Math.min(state.wanted, rules.max)) : rules.max;
}

function isLagging({ lagMs, busyFraction }: Measurement, rules: Rules): boolean {
  return lagMs !== null && lagMs > rules.upLagMs && busyFraction >= busyEnough;
}

function rememberLag(state: ScalingState, now: Measurement, rules: Rules): ScalingState["lagged"] {
  const remembered =
    state.lagged !== null && now.atMs - state.lagged.atMs < rules.lagMemoryMs ? state.lagged : null;
  if (!isLagging(now, rules)) return remembered;
  const requestsPerSecond = now.sustainedRequestsPerSecond / now.readyWorkers;
  return {
    requestsPerSecond: Math.min(requestsPerSecond, remembered?.requestsPerSecond ?? Infinity),
    atMs: now.atMs,
  };
}

/** The rate of one worker that the cluster can live with, by the rules and by experience. */
function bearableRate(state: ScalingState, rules: Rules): number {
  return Math.min(rules.upRequestsPerSecond, state.lagged?.requestsPerSecond ?? Infinity);
}

function grow(state: ScalingState, now: Measurement, rules: Rules): Decision | null {
  const { readyWorkers, sustainedRequestsPerSecond: rate } = now;
  const lags = isLagging(now, rules);
  if (rate / readyWorkers <= rules.upRequestsPerSecond && !lags) return null;
  const stepMax = 2 * readyWorkers + 1;
  // A loop that lags serves less than it is asked to, so its rate does not tell what is needed.
  const needed = lags ? stepMax : Math.ceil(rate / (rules.upRequestsPerSecond * aimShare));
  const wanted = clamp(
    Math.max(state.wanted, clamp(needed, readyWorkers + 1, stepMax)),
    rules.min,
    rules.max,
  );
  const cause = lags
    ? `, and the event loop lags by ${figure(now.lagMs ?? 0)} ms, more than ${figure(rules.upLagMs)} ms`
    : `, more than ${figure(rules.upRequestsPerSecond)}`;
  const reason = `${describeRate(readyWorkers, rate)}${cause}.`;
  return change({ ...state, calmSinceMs: null }, wanted, now, reason);
}

function shrink(state: ScalingState, now: Measurement, rules: Rules): Decision {
  const remaining = clamp(state.wanted - rules.downStep, rules.min, rules.max);
  if (remaining >= state.wanted || !isCalm(state, remaining, now, rules))
    return { state: { ...state, calmSinceMs: null }, reason: null };
  const calmSinceMs = state.calmSinceMs ?? now.atMs;
  const restedMs = now.atMs - Math.max(calmSinceMs, state.changedAtMs);
  if (restedMs < rules.coolDownMs) return { state: { ...state, calmSinceMs }, reason: null };
  const reason = `${figure(now.requestsPerSecond)} requests per second have been few for ${count(state.wanted)} for ${figure(
    restedMs / 1_000,
  )} s: ${count(remaining)} can serve them.`;
  return change({ ...state, calmSinceMs }, remaining, now, reason);
}

/** Whether few enough requests come for fewer workers. The higher rate counts: bursts are load too. */
function isCalm(state: ScalingState, remaining: number, now: Measurement, rules: Rules): boolean {
  const rate = Math.max(now.requestsPerSecond, now.sustainedRequestsPerSecond);
  return (
    rate / state.wanted < rules.downRequestsPerSecond &&
    rate / remaining <= bearableRate(state, rules) * refillShare
  );
}

function change(state: ScalingState, wanted: number, now: Measurement, reason: string): Decision {
  if (wanted === state.wanted) return { state, reason: null };
  return { state: { ...state, wanted, changedAtMs: now.atMs }, reason };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

function count(workers: number): string {
  return workers === 1 ? "1 worker" : `${workers} workers`;
}

function describeRate(workers: number, rate: number): string {
  const verb = workers === 1 ? "serves" : "serve";
  return `${count(workers)} ${verb} ${figure(rate / workers)} requests per second${workers === 1 ? "" : " each"}`;
}

function cores(number: number): string {
  return number === 1 ? "1 core" : `${number} cores`;
}

function figure(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
