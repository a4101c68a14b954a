import type { Family, Sample } from "./parse-exposition.ts";

/** OpenTelemetry names this gauge so, and everyone's boards look for that name. */
const gaugesLikeHistograms = new Set(["db_client_connection_count"]);
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const idLabels = /^(?:id|pid|uuid|worker|worker_id|user|user_id|event_id|request_id)$/;
/** Metrics are in base units: seconds and bytes. */
const otherUnits = /_(?:ms|milliseconds|microseconds|minutes|hours|kilobytes|megabytes|percent)(?:_|$)/;

/** What `promtool check metrics` would complain about, and what must not be a label here. Empty when all is well. */
export function lintMetrics(families: readonly Family[]): string[] {
  return families.flatMap((family) => [
    ...lintNames(family),
    ...family.samples.flatMap((sample) => lintLabels(sample)),
    ...(family.type === "histogram" ? lintHistogram(family) : []),
    ...(family.type === "counter" ? lintCounter(family) : []),
  ]);
}

function lintNames({ name, help, type }: Family): string[] {
  const complaints = [];
  if (help.trim() === "") complaints.push(`${name} has no help.`);
  if ((type === "counter") !== name.endsWith("_total")) complaints.push(`${name} is a ${type}.`);
  if (type !== "histogram" && /_(?:count|sum|bucket)$/.test(name) && !gaugesLikeHistograms.has(name))
    complaints.push(`${name} reads like a part of a histogram.`);
  if (otherUnits.test(name)) complaints.push(`${name} is not in a base unit.`);
  if (/[A-Z:]/.test(name)) complaints.push(`${name} is not in snake case.`);
  return complaints;
}

function lintLabels({ name, labels }: Sample): string[] {
  return Object.entries(labels).flatMap(([label, value]) => {
    const isId = idLabels.test(label) || uuid.test(value) || value === String(process.pid);
    return isId ? [`${name} has an id in ${label}="${value}".`] : [];
  });
}

function lintCounter({ samples }: Family): string[] {
  return samples
    .filter(({ value }) => !(value >= 0 && value < Infinity))
    .map(({ name, value }) => `${name} counts ${value}.`);
}

function lintHistogram({ name, samples }: Family): string[] {
  const series = Map.groupBy(samples, ({ labels }) => JSON.stringify({ ...labels, le: undefined }));
  return [...series].flatMap(([labels, ofSeries]) => {
    const only = (suffix: string) => ofSeries.filter((sample) => sample.name === `${name}_${suffix}`);
    const [buckets, sums, counts] = [only("bucket"), only("sum"), only("count")];
    const complaints = [];
    if (sums.length !== 1 || counts.length !== 1) complaints.push("lacks its sum or its count");
    const bounds = buckets.map((bucket) => Number(bucket.labels["le"]?.replace("+Inf", "Infinity")));
    if (!bounds.every((bound, index) => index === 0 || bound > Number(bounds[index - 1])))
      complaints.push("has bounds that do not rise");
    if (!buckets.every(({ value }, index) => index === 0 || value >= Number(buckets[index - 1]?.value)))
      complaints.push("has buckets that are not cumulative");
    if (bounds.at(-1) !== Infinity) complaints.push("has no bucket for everything");
    else if (counts.length === 1 && buckets.at(-1)?.value !== counts[0]?.value)
      complaints.push("counts otherwise than its last bucket");
    return complaints.map((complaint) => `${name}${labels} ${complaint}.`);
  });
}
