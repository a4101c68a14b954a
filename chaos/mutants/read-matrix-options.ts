import { parseArgs } from "node:util";
import { ChaosError } from "../chaos-error.ts";
import type { Mutant } from "./mutant.ts";

export interface MatrixOptions {
  /** The names of the mutants that are asked for; null for all. */
  readonly only: readonly string[] | null;
  readonly seed: number;
  /** Runs side by side. */
  readonly atOnce: number;
  readonly list: boolean;
}

export const usage = `npm run mutants -- [--only NAME[,NAME]] [--seed N] [--at-once N] [--list]

Builds the service with one mistake at a time and holds each against the run that must find it out; one that a run
has not killed is tried with the two seeds that follow.
Exit 0: every mutant is killed. 3: one is not. 1: it could not be tried. 2: wrong usage.`;

/** @throws ChaosError whose cause is "usage" */
export function readMatrixOptions(
  given: readonly string[],
  known: readonly Pick<Mutant, "name">[],
): MatrixOptions {
  const values = readFlags(given);
  const only = values.only?.split(",").map((name) => name.trim()) ?? null;
  const strange = only?.find((name) => !known.some((mutant) => mutant.name === name));
  if (strange !== undefined)
    throw misuse(`There is no mutant "${strange}": "npm run mutants -- --list" shows them all.`);
  return {
    only,
    seed: readNumber("--seed", values.seed, 1, 0, 2 ** 32 - 1),
    atOnce: readNumber("--at-once", values["at-once"], 2, 1, 16),
    list: values.list ?? false,
  };
}

function readFlags(given: readonly string[]) {
  try {
    return parseArgs({
      args: [...given],
      options: {
        only: { type: "string" },
        seed: { type: "string" },
        "at-once": { type: "string" },
        list: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw misuse(error instanceof Error ? error.message : String(error));
  }
}

function readNumber(
  flag: string,
  text: string | undefined,
  otherwise: number,
  least: number,
  most: number,
): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most)
    throw misuse(`${flag} is a whole number from ${least} to ${most}, not "${text}".`);
  return number;
}

function misuse(message: string): ChaosError {
  return new ChaosError(message, { cause: "usage" });
}
