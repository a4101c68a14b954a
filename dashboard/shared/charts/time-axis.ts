const minuteMs = 60_000;

/** How far apart the marks of a time axis are, by how far back it goes; wide charts and narrow ones. */
const stepsMinutes: Readonly<Record<number, readonly [wide: number, narrow: number]>> = {
  5: [1, 2],
  15: [3, 5],
  60: [10, 20],
  360: [60, 120],
};

export interface TimeDomain {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The moments that a time axis names: whole steps of local time, so that they wander with the lines instead of
 * jumping whenever the axis moves.
 *
 * @param rangeMinutes 5, 15, 60 or 360
 */
export function chooseTimeTicks(
  { fromMs, toMs }: TimeDomain,
  rangeMinutes: number,
  isWide: boolean,
): number[] {
  const [wide, narrow] = stepsMinutes[rangeMinutes] ?? [rangeMinutes / 5, rangeMinutes / 3];
  const stepMs = (isWide ? wide : narrow) * minuteMs;
  // Steps count from local midnight: in zones that are off by half an hour, hours are still named by full hours.
  const offsetMs = new Date(toMs).getTimezoneOffset() * minuteMs;
  const ticks: number[] = [];
  const first = Math.ceil((fromMs - offsetMs) / stepMs) * stepMs + offsetMs;
  for (let tick = first; tick <= toMs; tick += stepMs) ticks.push(tick);
  return ticks;
}

/** From the range's start to its newest point. @param fallbackMs the end while there is no point */
export function domainOf(
  points: readonly { readonly at: string }[],
  rangeMinutes: number,
  fallbackMs: number,
) {
  const last = points.at(-1);
  const toMs = last === undefined ? fallbackMs : Date.parse(last.at);
  return { fromMs: toMs - rangeMinutes * minuteMs, toMs };
}
