import {
  type CounterName,
  type HistogramName,
  type LabelsOf,
  type MetricDefinition,
  metricDefinitions,
  type MetricName,
} from "./metric-definitions.ts";
import type { MetricDelta, MetricDeltas } from "./metric-deltas.ts";

/** Adds to one series of a counter. */
export interface Counter {
  /** @param amount 0 or more */
  add(amount: number): void;
}

/** Adds to one series of a histogram. */
export interface Histogram {
  /** @param value 0 or more, in the metric's unit */
  observe(value: number): void;
}

/** A series that can tell what was added to it. */
interface Series {
  /** What was added since the last call, null when nothing was. */
  take(): Omit<MetricDelta, "name" | "labels"> | null;
}

/**
 * Counts in one process. Callers look their series up once and keep them: adding is then plain arithmetic, and
 * nobody has to be asked or told until the deltas are taken.
 */
export class MetricRecorder {
  readonly #series = new Map<string, { name: MetricName; labels: string[]; series: Series }>();

  counter<Name extends CounterName>(name: Name, labels: LabelsOf<Name>): Counter {
    return this.#find(name, labels, () => new CounterSeries()) as CounterSeries;
  }

  histogram<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>): Histogram {
    return this.#find(name, labels, ({ buckets }) => new HistogramSeries(buckets ?? [])) as HistogramSeries;
  }

  /** Everything that was added since the last call. */
  takeDeltas(): MetricDeltas {
    const deltas: MetricDeltas = [];
    for (const { name, labels, series } of this.#series.values()) {
      const added = series.take();
      if (added !== null) deltas.push({ name, labels, ...added });
    }
    return deltas;
  }

  #find(
    name: MetricName,
    labels: Readonly<Record<string, string>>,
    make: (definition: MetricDefinition) => Series,
  ): Series {
    const definition: MetricDefinition = metricDefinitions[name];
    const values = definition.labels.map((label) => labels[label] ?? "");
    const key = JSON.stringify([name, ...values]);
    const known = this.#series.get(key);
    if (known !== undefined) return known.series;
    const series = make(definition);
    this.#series.set(key, { name, labels: values, series });
    return series;
  }
}

class CounterSeries implements Series, Counter {
  #value = 0;

  add(amount: number): void {
    this.#value += amount;
  }

  take(): { value: number } | null {
    const value = this.#value;
    this.#value = 0;
    return value === 0 ? null : { value };
  }
}

class HistogramSeries implements Series, Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #isTouched = false;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = emptyCounts(bounds);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    // A bound belongs to its bucket. Bounds are few, and most observations fall under one of the first.
    while (index < bounds.length && value > (bounds[index] ?? Infinity)) index += 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
    this.#isTouched = true;
  }

  take(): { counts: number[]; sum: number } | null {
    if (!this.#isTouched) return null;
    const taken = { counts: [...this.#counts], sum: this.#sum };
    this.#counts.fill(0);
    this.#sum = 0;
    this.#isTouched = false;
    return taken;
  }
}

function emptyCounts(bounds: readonly number[]): number[] {
  return Array.from({ length: bounds.length + 1 }, () => 0);
}
