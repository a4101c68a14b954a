import type { BackOffRules } from "./back-off.ts";
import type { ClusterOptions } from "./cluster-types.ts";
import { defaultScalingRules, type ScalingRules } from "./decide-worker-count.ts";

/** Options with every default filled in. */
export interface ClusterSettings extends Required<Omit<ClusterOptions, "execArgv" | "scaling" | "backOff">> {
  readonly execArgv: readonly string[] | null;
  readonly scaling: ScalingRules & { readonly min: number; readonly max: number };
  readonly backOff: BackOffRules;
}

const workersMax = 64;
const defaultBackOff: BackOffRules = { firstMs: 500, maxMs: 30_000, healthyAfterMs: 5_000 };

/**
 * Checks options and fills in what was left out.
 *
 * @throws RangeError with one sentence about the first option that cannot be used
 */
export function readOptions(options: ClusterOptions): ClusterSettings {
  const { min, max, scaling, backOff, execArgv, ...others } = options;
  const settings: ClusterSettings = {
    args: [],
    env: {},
    reportEveryMs: 200,
    decideEveryMs: 1_000,
    startMaxMs: 10_000,
    drainMaxMs: 8_000,
    hungAfterMs: 3_000,
    startTriesMax: 3,
    guardOrphans: true,
    ...others,
    min,
    max,
    execArgv: execArgv ?? null,
    scaling: { ...defaultScalingRules, ...scaling, min, max },
    backOff: { ...defaultBackOff, ...backOff },
  };
  checkCounts(settings);
  checkTimes(settings);
  checkScaling(settings.scaling);
  return settings;
}

function checkCounts({ exec, min, max, startTriesMax }: ClusterSettings): void {
  if (typeof exec !== "string" || exec === "") throw new RangeError("exec must be the path of a file.");
  for (const [name, value] of Object.entries({ min, max })) {
    if (!Number.isInteger(value) || value < 1 || value > workersMax)
      throw new RangeError(`${name} must be a whole number from 1 to ${workersMax}, not ${value}.`);
  }
  if (min > max) throw new RangeError(`min must not be above max, but ${min} is above ${max}.`);
  if (!Number.isInteger(startTriesMax) || startTriesMax < 1)
    throw new RangeError(`startTriesMax must be a whole number from 1 on, not ${startTriesMax}.`);
}

function checkTimes(settings: ClusterSettings): void {
  const { reportEveryMs, decideEveryMs, startMaxMs, drainMaxMs, hungAfterMs, backOff } = settings;
  const { firstMs, maxMs, healthyAfterMs } = backOff;
  const times = {
    reportEveryMs,
    decideEveryMs,
    startMaxMs,
    drainMaxMs,
    hungAfterMs,
    firstMs,
    maxMs,
    healthyAfterMs,
  };
  for (const [name, value] of Object.entries(times)) checkPositive(name, value);
  if (firstMs > maxMs)
    throw new RangeError(`firstMs must not be above maxMs, but ${firstMs} is above ${maxMs}.`);
  if (hungAfterMs < 3 * reportEveryMs)
    throw new RangeError(
      `hungAfterMs must leave time for three reports, ${3 * reportEveryMs} ms, and ${hungAfterMs} ms does not.`,
    );
}

function checkScaling(rules: ScalingRules): void {
  const { upRequestsPerSecond, downRequestsPerSecond, upLagMs, coolDownMs, downStep, lagMemoryMs } = rules;
  const amounts = { upRequestsPerSecond, downRequestsPerSecond, upLagMs, coolDownMs, lagMemoryMs };
  for (const [name, value] of Object.entries(amounts)) checkPositive(name, value);
  if (downRequestsPerSecond >= upRequestsPerSecond)
    throw new RangeError(
      `downRequestsPerSecond must be below upRequestsPerSecond, but ${downRequestsPerSecond} is not below ${upRequestsPerSecond}.`,
    );
  for (const [name, value] of Object.entries({ downStep, cores: rules.cores })) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number from 1 on, not ${value}.`);
  }
  const { fullBusyFraction, roomyBusyFraction } = rules;
  if (!(roomyBusyFraction > 0 && roomyBusyFraction < fullBusyFraction && fullBusyFraction <= 1))
    throw new RangeError(
      `roomyBusyFraction must be below fullBusyFraction, both within 0 and 1, not ${roomyBusyFraction} and ${fullBusyFraction}.`,
    );
}

/** The longest that a timer of Node can wait. */
const timerMax = 2_147_483_647;

function checkPositive(name: string, value: number): void {
  if (!(typeof value === "number" && value > 0 && value <= timerMax))
    throw new RangeError(`${name} must be a number above 0, not ${value}.`);
}
