import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { UsageError } from "./run-error.ts";

export interface Options {
  readonly requests: number;
  readonly seed: number;
  readonly connections: number;
  readonly workers: number;
  /** The number of the first request that is sent. */
  readonly from: number;
  readonly jsonFile: string | null;
}

export const helpText = `Usage: npm run bad-requests -- [options]

Starts the service in a folder of its own, sends it requests that are made from its contract, most of them wrong in some
way, and holds every answer against the contract.

  --requests N      how many (default 100000)
  --seed N          makes the same requests again (default: a new one)
  --from N          the number of the first request (default 0); ids are the run's own, so a failure that needs what
                    other requests have made may need those as well
  --connections N   how many at once (default 32)
  --workers N       of the service (default 1)
  --json FILE       writes the result for machines
  --help            this text

Examples:
  npm run bad-requests
  npm run bad-requests -- --requests 1000000
  npm run bad-requests -- --seed 7 --from 4711 --requests 1

Exit codes: 0 every promise was kept, 1 the run could not be made, 2 usage, 3 a promise was broken.
`;

/**
 * @returns null when the help is asked for
 * @throws UsageError with one sentence
 */
export function readOptions(args: readonly string[]): Options | null {
  const values = readFlags(args);
  if (values.help === true) return null;
  const requests = readNumber("requests", values.requests, { fallback: 100_000, min: 1, max: 100_000_000 });
  return {
    requests,
    seed: readNumber("seed", values.seed, { fallback: randomInt(1_000_000), min: 0, max: 2_147_483_647 }),
    connections: readNumber("connections", values.connections, { fallback: 32, min: 1, max: 512 }),
    workers: readNumber("workers", values.workers, { fallback: 1, min: 1, max: 16 }),
    from: readNumber("from", values.from, { fallback: 0, min: 0, max: 100_000_000 }),
    jsonFile: values.json ?? null,
  };
}

function readFlags(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        requests: text,
        seed: text,
        from: text,
        connections: text,
        workers: text,
        json: text,
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readNumber(
  name: string,
  text: string | undefined,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not "${text}".`);
}
