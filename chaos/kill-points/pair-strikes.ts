import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ChaosError } from "../chaos-error.ts";
import { type Pair, sweptVictims } from "./list-pairs.ts";

/** How often a pair of point and victim was struck. */
export interface PairStrikes extends Pair {
  readonly strikes: number;
}

const pairStrikes = z.object({
  point: z.string().min(1),
  victim: z.enum(sweptVictims),
  strikes: z.int().nonnegative(),
});
const resultOfSweep = z.object({ stages: z.array(z.object({ strikes: z.array(pairStrikes) })) });

/**
 * Reads from the result of a sweep how often each pair has been struck by then.
 *
 * @throws ChaosError when the file cannot be read, or is of no sweep
 */
export async function readStrikes(path: string): Promise<readonly PairStrikes[]> {
  try {
    const { stages } = resultOfSweep.parse(JSON.parse(await readFile(path, "utf8")));
    return addStrikes(...stages.map(({ strikes }) => strikes));
  } catch (error) {
    const why =
      error instanceof z.ZodError ? "It has no strikes of a sweep." : String((error as Error).message);
    throw new ChaosError(`No sweep can be continued from ${path}: ${why}`);
  }
}

/** The strikes of several sweeps together, by point and victim. */
export function addStrikes(...lists: readonly (readonly PairStrikes[])[]): PairStrikes[] {
  const total = new Map<string, PairStrikes>();
  for (const each of lists.flat()) {
    const sofar = total.get(keyOf(each))?.strikes ?? 0;
    total.set(keyOf(each), { point: each.point, victim: each.victim, strikes: sofar + each.strikes });
  }
  return [...total.values()].toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** A pair as one text, for maps and for order. */
export function keyOf({ point, victim }: Pair): string {
  return `${point}\n${victim}`;
}
