import { z } from "zod";

/** More than any process can have series. */
const seriesMax = 5_000;

const amount = z.number().min(0);
const tally = z.int().min(0);

/**
 * What a process has counted since it last told: one entry for each series that changed. Whether an entry fits its
 * metric is for the receiver to say; this says only what it looks like.
 */
export const metricDeltas = z
  .array(
    z.strictObject({
      name: z.string().max(200),
      /** In the order of the metric's definition. */
      labels: z.array(z.string().max(300)).max(10),
      /** Of a counter. */
      value: amount.optional(),
      /** Of a histogram: observations for each bucket, not cumulative; the last is for what is above all bounds. */
      counts: z.array(tally).max(100).optional(),
      /** Of a histogram: the sum of what was observed. */
      sum: amount.optional(),
    }),
  )
  .max(seriesMax);

export type MetricDeltas = z.infer<typeof metricDeltas>;
export type MetricDelta = MetricDeltas[number];
