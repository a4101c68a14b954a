import type { SampleEntry } from "../history/history-entry.ts";
import type { Window } from "./window.ts";

/** What is cut off where rows tell times by the millisecond, and what the two clocks may drift apart within a sample. */
const toleranceMs = 5;
/** Clocks that are drawn back to the right time drift by a few thousandths: what is more was set. */
const stepMinMs = 100;

/** The database's clock, seen between two moments of the run. */
interface Look {
  readonly beganMs: number;
  readonly endedMs: number;
  readonly databaseMs: number;
}

/** How far the database's clock was ahead of that of the run. */
interface Offset {
  readonly lowMs: number;
  readonly highMs: number;
}

interface Index {
  readonly looks: readonly Look[];
  /** The latest time that any look up to this one showed: rises also where the clock was set back. */
  readonly latest: readonly number[];
  /** The earliest that this one or any after it showed. */
  readonly earliest: readonly number[];
}

/**
 * Tells what time it was by the database's clock at a moment of the run, and the other way round. The answer to a sample was
 * made after its question was sent and before it came, so each sample bounds how far the clocks are apart. Between two
 * samples they are as far apart as at either, or in between: the database's clock may drift, and may be set.
 */
export class DatabaseTime {
  readonly #looks: Look[] = [];
  #index: Index | null = null;

  /** Samples come in the order in which they were taken. */
  observe({ t_mono, t_mono_end, database_ms }: SampleEntry): void {
    this.#looks.push({ beganMs: t_mono, endedMs: t_mono_end, databaseMs: database_ms });
    this.#index = null;
  }

  /** The earliest that the database's clock can have shown at a moment of the run. */
  earliest(monoMs: number): number {
    return monoMs + this.#around(monoMs).lowMs - toleranceMs;
  }

  /** The latest that it can have shown. */
  latest(monoMs: number): number {
    return monoMs + this.#around(monoMs).highMs + toleranceMs;
  }

  /**
   * When in the run the database's clock came to a time, its being set to a later one included; null when nothing is known.
   * Where it was set back and came there twice, both are within.
   */
  toRun(databaseMs: number): Window | null {
    const { looks, latest, earliest } = this.#readIndex();
    if (looks.length === 0) return null;
    const first = countBefore(looks, (_, place) => (latest[place] ?? Infinity) < databaseMs);
    const last = countBefore(looks, (_, place) => (earliest[place] ?? Infinity) <= databaseMs);
    const { highMs } = between(looks[first - 1], looks[first]);
    const { lowMs } = between(looks[last - 1], looks[last]);
    return {
      fromMs: Math.max(databaseMs - highMs, looks[first - 1]?.beganMs ?? -Infinity),
      toMs: Math.min(databaseMs - lowMs, looks[last]?.endedMs ?? Infinity),
    };
  }

  /** By how much the clock was set, each time; below zero where it was set back. */
  steps(): number[] {
    return this.#looks.flatMap((look, place) => {
      const before = this.#looks[place - 1];
      if (before === undefined) return [];
      const [one, other] = [offsetOf(before), offsetOf(look)];
      const apartMs = Math.max(other.lowMs - one.highMs, one.lowMs - other.highMs);
      return apartMs < stepMinMs ? [] : [Math.round(middle(other) - middle(one))];
    });
  }

  #around(monoMs: number): Offset {
    const { looks } = this.#readIndex();
    const before = countBefore(looks, ({ endedMs }) => endedMs <= monoMs);
    const after = countBefore(looks, ({ beganMs }) => beganMs < monoMs);
    // Before the end of the first look and after the beginning of the last, these two tell as well.
    return between(looks[before - 1] ?? looks[0], looks[after] ?? looks.at(-1));
  }

  #readIndex(): Index {
    if (this.#index !== null) return this.#index;
    const looks = this.#looks;
    const latest: number[] = [];
    for (const { databaseMs } of looks) latest.push(Math.max(databaseMs, latest.at(-1) ?? -Infinity));
    const earliest: number[] = [];
    for (const { databaseMs } of looks.toReversed())
      earliest.push(Math.min(databaseMs, earliest.at(-1) ?? Infinity));
    this.#index = { looks, latest, earliest: earliest.reverse() };
    return this.#index;
  }
}

function offsetOf({ beganMs, endedMs, databaseMs }: Look): Offset {
  return { lowMs: databaseMs - endedMs, highMs: databaseMs - beganMs };
}

/** Before the first look and after the last, the one that there is tells alone. */
function between(before: Look | undefined, after: Look | undefined): Offset {
  const known = [before, after].flatMap((look) => (look === undefined ? [] : [offsetOf(look)]));
  if (known.length === 0) return { lowMs: -Infinity, highMs: Infinity };
  return {
    lowMs: Math.min(...known.map(({ lowMs }) => lowMs)),
    highMs: Math.max(...known.map(({ highMs }) => highMs)),
  };
}

function middle({ lowMs, highMs }: Offset): number {
  return (lowMs + highMs) / 2;
}

/** @param isBefore holds for the first looks and for none after them @returns for how many */
function countBefore(looks: readonly Look[], isBefore: (look: Look, place: number) => boolean): number {
  let [low, high] = [0, looks.length];
  while (low < high) {
    const place = Math.floor((low + high) / 2);
    const look = looks[place];
    if (look !== undefined && isBefore(look, place)) low = place + 1;
    else high = place;
  }
  return low;
}
