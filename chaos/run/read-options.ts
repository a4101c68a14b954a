import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { findScenario, scenarios } from "../scenarios/scenario-catalog.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { defaultRatePerSecond } from "../workload/start-workload.ts";

/** What cannot be understood on the command line: a sentence for each mistake. */
export class UsageError extends Error {}

/** The help was asked for and has been shown. */
export class HelpShown extends Error {}

/** What a run is asked to do. */
export interface Options {
  readonly seconds: number;
  readonly seed: number;
  readonly scenario: Scenario;
  /** Calls a second. */
  readonly rate: number;
  /** Where the result goes for machines; null for nowhere. */
  readonly jsonFile: string | null;
  /** The result of a sweep of kill points that this one continues; null for none. */
  readonly continuedFile: string | null;
  /** Where the history goes; null for a temporary file. */
  readonly historyFile: string | null;
  /** Whether the history stays when no promise was broken. */
  readonly keep: boolean;
}

interface Setting<Value> {
  readonly flag: string;
  readonly placeholder: string;
  readonly help: string;
  /** Completes "--flag must be ...". */
  readonly mustBe: string;
  /** @returns undefined for text that cannot be used */
  readonly read: (text: string) => Value | undefined;
}

const settings = {
  seconds: { ...wholeNumber(5, 604_800), flag: "seconds", help: "how long it is attacked (default 60)" },
  seed: { ...wholeNumber(0, 999_999_999), flag: "seed", help: "repeats a run's choices" },
  scenario: {
    flag: "scenario",
    placeholder: "NAME",
    help: `what is done to it (default ${scenarios[0].name})`,
    mustBe: `one of ${scenarios.map(({ name }) => name).join(", ")}`,
    read: findScenario,
  },
  rate: {
    ...wholeNumber(1, 20_000),
    flag: "rate",
    help: `calls that are begun in a second (default ${defaultRatePerSecond})`,
  },
  json: { ...file(), flag: "json", help: "the result for machines" },
  continue: {
    ...file(),
    flag: "continue",
    help: "the --json of a sweep of kill points that this one continues",
  },
  history: { ...file(), flag: "history", help: "where the history is written, a line for each call" },
} as const satisfies Record<string, Setting<unknown>>;

/**
 * Reads what is to be done from the command line.
 *
 * @throws UsageError with a sentence for each mistake
 * @throws HelpShown after --help
 */
export function readOptions(flags: readonly string[]): Options {
  const given = parse(flags);
  const complaints: string[] = [];
  const read = <Value>({ flag, mustBe, read: understand }: Setting<Value>): Value | undefined => {
    const text = given[flag];
    if (typeof text !== "string") return undefined;
    const value = understand(text);
    if (value === undefined) complaints.push(`--${flag} must be ${mustBe}, not "${printable(text)}".`);
    return value;
  };
  const options = {
    seconds: read<number>(settings.seconds) ?? 60,
    seed: read<number>(settings.seed) ?? randomInt(1_000_000_000),
    scenario: read<Scenario>(settings.scenario) ?? scenarios[0],
    rate: read<number>(settings.rate) ?? defaultRatePerSecond,
    jsonFile: read<string>(settings.json) ?? null,
    continuedFile: read<string>(settings.continue) ?? null,
    historyFile: read<string>(settings.history) ?? null,
    keep: given["keep"] === true,
  };
  const isSweep = options.scenario.stages.some(({ attack }) => attack !== undefined);
  if (options.continuedFile !== null && !isSweep)
    complaints.push("--continue is for kill-points and rare-points.");
  if (complaints.length > 0) throw new UsageError(complaints.join("\n"));
  return options;
}

function parse(flags: readonly string[]): Readonly<Record<string, unknown>> {
  const command = new Command("holdfast chaos")
    .usage("[options]")
    .description("Attacks a Holdfast of its own with real faults, and judges whether it kept its promises.")
    .helpOption("--help", "this text")
    .addHelpText("beforeAll", examples)
    .addHelpText("after", notes)
    .allowExcessArguments(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  for (const { flag, placeholder, help } of Object.values<Setting<unknown>>(settings))
    command.addOption(new Option(`--${flag} <${placeholder}>`, help));
  command.option("--keep", "keeps the history also when every promise was kept");
  try {
    command.parse(flags, { from: "user" });
    return command.opts();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") throw new HelpShown();
    throw new UsageError(sentenceOf(error));
  }
}

function wholeNumber(minimum: number, maximum: number) {
  return {
    placeholder: "N",
    mustBe: `a whole number from ${minimum} to ${maximum}`,
    read: (text: string): number | undefined => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= minimum && value <= maximum ? value : undefined;
    },
  };
}

function file() {
  return {
    placeholder: "FILE",
    mustBe: "a file",
    read: (text: string): string | undefined =>
      text === "" || text.includes("\0") ? undefined : resolve(text),
  };
}

const examples = `Examples:
  npm run chaos                                         a minute of everything
  npm run chaos -- --seconds 600                        before a sale
  npm run chaos -- --scenario worker-kills --seed 7     the same choices each time

`;

const notes = `
Scenarios:
${scenarios.map(({ name, help }) => `  ${name.padEnd(22)} ${help}`).join("\n")}

It starts a service and a database of its own in temporary folders; yours is not touched.
Exit codes: 0 every promise kept, 1 the run proves nothing, 2 usage, 3 a promise was broken.`;

/** Commander's message as one sentence on one line. */
function sentenceOf(error: CommanderError): string {
  return printable(
    error.message
      .replace(/^error: /, "")
      .replace(/\n\(/, " (")
      .replace(/([^.)?])$/, "$1."),
  );
}

/** Text of others may hold what a terminal would obey. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, "?");
}
