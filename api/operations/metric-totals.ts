import { z } from "zod";
import {
  definitionOf,
  knownSeriesOf,
  type MetricDefinition,
  metricDefinitions,
  type MetricName,
} from "../kernel/metric-definitions.ts";
import { type MetricDelta, type MetricDeltas, metricDeltas } from "../kernel/metric-deltas.ts";

/** One series of a metric, counted up since the beginning. */
export interface SeriesTotal {
  readonly labels: Readonly<Record<string, string>>;
  /** Of a counter; 0 for a histogram. */
  readonly value: number;
  /** Of a histogram: observations for each bucket, not cumulative, the last for what is above all bounds. */
  readonly counts: readonly number[];
  /** Of a histogram: the sum of what was observed. */
  readonly sum: number;
}

interface Total {
  /** In the order of the definition. */
  readonly values: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  value: number;
  /** Replaced, never changed in place, since readers keep it. */
  counts: readonly number[];
  sum: number;
}

/** Far more than there can be: a process that makes up label values must not fill the supervisor's memory. */
const seriesMax = 5_000;

const savedTotals = z.strictObject({
  version: z.literal(1),
  /** The buckets that the counts were made with, by metric. */
  buckets: z.record(z.string().max(200), z.array(z.number()).max(100)),
  series: metricDeltas,
});

/**
 * The sums of everything that this machine's processes have counted, living or dead. Totals only rise, because
 * nothing is ever taken away when a process ends, and because what is malformed is refused as a whole.
 */
export class MetricTotals {
  readonly #byName: ReadonlyMap<string, Map<string, Total>>;
  #size = 0;

  constructor() {
    this.#byName = new Map(Object.keys(metricDefinitions).map((name) => [name, new Map<string, Total>()]));
    for (const [name, definition] of Object.entries<MetricDefinition>(metricDefinitions)) {
      for (const values of knownSeriesOf(definition)) this.#find(name, definition, values);
    }
  }

  /**
   * Adds what a process has counted since it last told.
   *
   * @param deltas as another process sent them, hence of any shape
   * @returns false when they were refused, and then none of them was added
   */
  add(deltas: unknown): boolean {
    const parsed = metricDeltas.safeParse(deltas);
    if (!parsed.success || !parsed.data.every(fitsDefinition) || !this.#hasRoomFor(parsed.data)) return false;
    for (const delta of parsed.data) this.#addOne(delta);
    return true;
  }

  /** Every series of a metric. A later call tells newer totals; what was returned does not change. */
  series(name: MetricName): readonly SeriesTotal[] {
    return [...this.#totalsOf(name).values()].map(({ labels, value, counts, sum }) => ({
      labels,
      value,
      counts,
      sum,
    }));
  }

  /** The totals as plain JSON, for a successor of this process. */
  save(): unknown {
    const series: MetricDeltas = [];
    for (const [name, totals] of this.#byName) {
      for (const total of totals.values()) series.push(asDelta(name, total));
    }
    return { version: 1, buckets: currentBuckets(), series } satisfies z.infer<typeof savedTotals>;
  }

  /**
   * Takes over saved totals, on top of what was counted since this process began. Metrics that another version
   * defined otherwise are left out: their old counts cannot be told in the new terms.
   *
   * @param json as it was read, hence of any shape
   * @returns false when it was refused, and then nothing has changed
   */
  restore(json: unknown): boolean {
    const parsed = savedTotals.safeParse(json);
    if (!parsed.success) return false;
    const buckets = currentBuckets();
    const isAsBefore = ({ name }: MetricDelta) =>
      definitionOf(name) !== null &&
      JSON.stringify(parsed.data.buckets[name]) === JSON.stringify(buckets[name]);
    return this.add(parsed.data.series.filter(isAsBefore));
  }

  #addOne({ name, labels, value, counts, sum }: MetricDelta): void {
    const definition = definitionOf(name);
    if (definition === null) return;
    const total = this.#find(name, definition, labels);
    total.value += value ?? 0;
    total.counts = total.counts.map((count, index) => count + (counts?.[index] ?? 0));
    total.sum += sum ?? 0;
  }

  #find(name: string, definition: MetricDefinition, values: readonly string[]): Total {
    const totals = this.#totalsOf(name);
    const key = keyOf(values);
    const known = totals.get(key);
    if (known !== undefined) return known;
    const bucketCount = definition.buckets === undefined ? 0 : definition.buckets.length + 1;
    const total: Total = {
      values,
      labels: Object.fromEntries(definition.labels.map((label, index) => [label, values[index] ?? ""])),
      value: 0,
      counts: Array.from({ length: bucketCount }, () => 0),
      sum: 0,
    };
    totals.set(key, total);
    this.#size += 1;
    return total;
  }

  #totalsOf(name: string): Map<string, Total> {
    const totals = this.#byName.get(name);
    if (totals === undefined) throw new Error(`There is no metric ${name}.`);
    return totals;
  }

  #hasRoomFor(deltas: MetricDeltas): boolean {
    const isNew = ({ name, labels }: MetricDelta) => !this.#totalsOf(name).has(keyOf(labels));
    return this.#size + deltas.filter(isNew).length <= seriesMax;
  }
}

function keyOf(values: readonly string[]): string {
  return JSON.stringify(values);
}

/** Whether a delta is of a metric of ours, and says exactly what its type calls for. */
function fitsDefinition({ name, labels, value, counts, sum }: MetricDelta): boolean {
  const definition = definitionOf(name);
  if (definition === null || labels.length !== definition.labels.length) return false;
  if (definition.type === "counter") return value !== undefined && counts === undefined && sum === undefined;
  const bucketCount = (definition.buckets?.length ?? 0) + 1;
  return value === undefined && counts?.length === bucketCount && sum !== undefined;
}

function asDelta(name: string, { values, value, counts, sum }: Total): MetricDelta {
  const labels = [...values];
  return definitionOf(name)?.type === "histogram"
    ? { name, labels, counts: [...counts], sum }
    : { name, labels, value };
}

function currentBuckets(): Record<string, number[]> {
  const buckets: Record<string, number[]> = {};
  for (const [name, definition] of Object.entries<MetricDefinition>(metricDefinitions)) {
    if (definition.buckets !== undefined) buckets[name] = [...definition.buckets];
  }
  return buckets;
}
