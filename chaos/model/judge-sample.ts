import type { SampleEntry } from "../history/history-entry.ts";
import type { Breach } from "./verdict.ts";

/** The stock of an event, as anybody shows it. */
export interface ShownStock {
  readonly event: string;
  readonly capacity: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
}

/**
 * `oversold` and `conserved`, of whatever shows an event's stock: no count is below zero, no more is held and sold than
 * there is, and the three counts are the capacity.
 *
 * @param seq where in the history it was shown; null for what was not in it
 */
export function judgeStock(stock: ShownStock, where: string, seq: number | null): Breach[] {
  const { event, capacity, available, held, sold } = stock;
  const place = { seqs: seq === null ? [] : [seq], event, user: null };
  const counts = `${available} free + ${held} held + ${sold} sold of ${capacity}`;
  const breaches: Breach[] = [];
  if (held + sold > capacity || Math.min(available, held, sold) < 0)
    breaches.push({ invariant: "oversold", message: `Event ${event} ${where} had ${counts}.`, ...place });
  if (available + held + sold !== capacity)
    breaches.push({ invariant: "conserved", message: `Event ${event} ${where} had ${counts}.`, ...place });
  return breaches;
}

/** The same of a whole sample. */
export function judgeSample({ stock, seq, database_ms }: SampleEntry): Breach[] {
  const where = `at ${new Date(database_ms).toISOString()}`;
  return stock.flatMap((each) => judgeStock(each, where, seq));
}
