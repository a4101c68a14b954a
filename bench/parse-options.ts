import { parseArgs } from "node:util";
import { armCatalog } from "./arms/arm-catalog.ts";
import { type ClusterPart, clusterParts } from "./cluster/cluster-parts.ts";

/** A command line that cannot be used. */
export class UsageError extends Error {}

export interface Options {
  /** Names from the catalog. */
  readonly arms: readonly string[];
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly jsonFile: string | null;
  /** Old reservations in the database with a history. */
  readonly history: number;
  /** Holds that stay or expire beside the measured ones. */
  readonly otherHolds: number;
  readonly smoke: boolean;
  /** Whether the whole service with its supervisor is measured, instead of the arms. */
  readonly cluster: boolean;
  /** Whether live stock is measured, with so many streams as there are connections. */
  readonly streams: boolean;
  /** Whether the loading of the storefront's pages is measured. */
  readonly pages: boolean;
  /** Whether verifications and webhooks are measured. */
  readonly background: boolean;
  /** Whether it is measured what the service does with several times of what it can do. */
  readonly overload: boolean;
  /** Of the cluster; empty without it. */
  readonly parts: readonly ClusterPart[];
}

const armNames = armCatalog.map((arm) => arm.name);
const partNames = clusterParts.map(({ name }) => name);

export const helpText = `Usage: npm run bench -- [options]

Measures the service as ratios against reference arms, all in one interleaved run, and audits every arm.
It uses the PostgreSQL at DATABASE_URL, in databases of its own, or else the embedded one.

  --arms LIST       which arms, by comma; "naive" stands for all of its pool sizes (default: all)
  --seconds N       counted time of each measurement (default 5; with --cluster 3, with --overload 10)
  --rounds N        how often each arm is measured; medians count (default 3; with --cluster 4, with --pages 10, with --overload 2)
  --connections N   connections that the load is made with (default 256; with --streams 5000, with --overload 4000)
  --history N       old reservations for the arm "history" (default 10000000)
  --json FILE       writes every figure to a file
  --smoke           short: 1 s, 1 round, a history of 100000; ratios are shown and not judged
  --cluster         measures the whole service with its supervisor and a built dashboard, instead of the arms
  --streams         measures live stock: how soon each of many clients is told of a hold, instead of the arms
  --pages           measures how soon a browser shows the catalogue of the storefront, instead of the arms
  --background      measures verifications and webhooks, and what they cost the holds, instead of the arms
  --overload        measures the whole service at 5 times the load that saturates it, instead of the arms
  --parts LIST      with --cluster: which parts, by comma (default: all)
  --help            this text

Arms:
${listNames(armCatalog)}

Parts:
${listNames(clusterParts)}

Examples:
  npm run bench
  npm run bench -- --smoke
  npm run bench -- --cluster --parts overhead,step
  npm run bench -- --streams --connections 2000
  npm run bench -- --arms desk,noop,naive --rounds 5 --json bench.json
  DATABASE_URL=postgres://me:secret@127.0.0.1:5432/postgres npm run bench -- --arms desk,history

Exit codes: 0 all goals met, 1 error, 2 usage, 3 an audit failed, 99 a goal was missed.
`;

/**
 * @returns null when the help is asked for
 * @throws UsageError with one sentence
 */
export function parseOptions(args: readonly string[]): Options | null {
  const values = readFlags(args);
  if (values.help === true) return null;
  const smoke = values.smoke === true;
  const cluster = values.cluster === true;
  const streams = values.streams === true;
  const pages = values.pages === true;
  const background = values.background === true;
  const overload = values.overload === true;
  const others = [
    cluster && "cluster",
    streams && "streams",
    pages && "pages",
    background && "background",
    overload && "overload",
  ].filter((name) => name !== false);
  if (values.parts !== undefined && !cluster) throw new UsageError("--parts goes with --cluster only.");
  if (others.length > 1) throw new UsageError(`--${others[1]} does not go with --${others[0]}.`);
  if (values.arms !== undefined && others.length > 0)
    throw new UsageError(`--arms does not go with --${others[0]}.`);
  const [usualSeconds, usualRounds] = smoke
    ? [1, 1]
    : cluster
      ? [3, 4]
      : overload
        ? [10, 2]
        : [5, pages ? 10 : 3];
  return {
    cluster,
    streams,
    pages,
    background,
    overload,
    parts: cluster ? readNames(values.parts, partNames, "part") : [],
    arms: readArms(values.arms),
    seconds: readNumber("seconds", values.seconds, { fallback: usualSeconds, min: 1, max: 120 }),
    rounds: readNumber("rounds", values.rounds, { fallback: usualRounds, min: 1, max: 100 }),
    connections: readNumber("connections", values.connections, {
      fallback: overload ? 4_000 : !streams ? 256 : smoke ? 200 : 5_000,
      min: 1,
      max: streams || overload ? 10_000 : 4_000,
    }),
    history: readNumber("history", values.history, {
      fallback: smoke ? 100_000 : 10_000_000,
      min: 0,
      max: 50_000_000,
    }),
    otherHolds: smoke ? 10_000 : 100_000,
    jsonFile: values.json ?? null,
    smoke,
  };
}

function readFlags(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        arms: text,
        seconds: text,
        rounds: text,
        connections: text,
        history: text,
        json: text,
        parts: text,
        cluster: flag,
        streams: flag,
        pages: flag,
        background: flag,
        overload: flag,
        smoke: flag,
        help: { ...flag, short: "h" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readArms(list: string | undefined): string[] {
  if (list === undefined) return armNames;
  const asked = list.split(",").map((name) => name.trim());
  const known = (name: string) =>
    armNames.filter((arm) => arm === name || (arm.startsWith(`${name}-`) && name === "naive"));
  const unknown = asked.find((name) => known(name).length === 0);
  if (unknown !== undefined) {
    throw new UsageError(`There is no arm "${unknown}"; the arms are naive, ${armNames.join(", ")}.`);
  }
  const chosen = new Set(asked.flatMap(known));
  return armNames.filter((name) => chosen.has(name));
}

/** @returns the names that are in the list, in their usual order */
function readNames<Name extends string>(
  list: string | undefined,
  known: readonly Name[],
  kind: string,
): readonly Name[] {
  if (list === undefined) return known;
  const asked = list.split(",").map((name) => name.trim());
  const unknown = asked.find((name) => !known.some((each) => each === name));
  if (unknown !== undefined)
    throw new UsageError(`There is no ${kind} "${unknown}"; the ${kind}s are ${known.join(", ")}.`);
  return known.filter((name) => asked.includes(name));
}

function readNumber(
  name: string,
  text: string | undefined,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not "${text}".`);
}

function listNames(named: readonly { readonly name: string; readonly what: string }[]): string {
  return named.map(({ name, what }) => `  ${name.padEnd(16)}  ${what}`).join("\n");
}
