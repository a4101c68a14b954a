import { randomInt } from "node:crypto";
import { join, resolve } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { HelpShown, UsageError } from "./demo-error.ts";
import { isLoopback } from "./is-loopback.ts";
import { type JsonTarget, type Options, type Setting, type SettingName, settings } from "./options.ts";

interface Given {
  readonly texts: ReadonlyMap<SettingName, { readonly text: string; readonly from: string }>;
  readonly killWorker: boolean;
  readonly allowRemote: boolean;
  readonly json: string | boolean | undefined;
}

type Complain = (sentence: string) => void;

/**
 * Reads what to rehearse from the command line and the environment; the command line wins.
 *
 * @throws UsageError with a sentence for each mistake
 * @throws HelpShown after --help
 */
export function readOptions(flags: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const given = readGiven(flags, environment);
  const complaints: string[] = [];
  const complain: Complain = (sentence) => complaints.push(sentence);
  const values = readValues(given, complain);
  if (values === null) throw new UsageError(complaints.join("\n"));
  requireSafeTarget(given, values.url, values.opsUrl, complain);
  if (complaints.length > 0) throw new UsageError(complaints.join("\n"));
  const isLocal = isLoopback(values.url);
  return {
    name: values.name,
    capacity: values.capacity,
    holdSeconds: values.hold,
    buyers: values.buyers,
    ratePerSecond: values.rate,
    arrivals: values.arrivals,
    confirmPercent: values.confirm,
    seed: values.seed ?? randomInt(1_000_000),
    atOnceMax: values.atOnce,
    patienceMs: values.patience * 1000,
    url: values.url,
    // The fallback is this machine's, which says nothing about a service elsewhere.
    opsUrl: isLocal || given.texts.has("opsUrl") ? values.opsUrl : null,
    key: values.key ?? null,
    keyFile: join(resolve(values.dataDir), "admin-key"),
    killWorker: given.killWorker,
    json: jsonTarget(given.json),
  };
}

function readValues(given: Given, complain: Complain) {
  const read = <Value>(name: SettingName, setting: Setting<Value>): Value | undefined => {
    const { text, from } = given.texts.get(name) ?? { text: setting.fallback, from: "" };
    if (text === undefined) return undefined;
    const value = setting.read(text);
    const was = setting.isSecret === true ? "" : `, not "${printable(text)}"`;
    if (value === undefined) complain(`${from} must be ${setting.mustBe}${was}.`);
    return value;
  };
  const values = {
    name: read("name", settings.name),
    capacity: read("capacity", settings.capacity),
    hold: read("hold", settings.hold),
    buyers: read("buyers", settings.buyers),
    rate: read("rate", settings.rate),
    arrivals: read("arrivals", settings.arrivals),
    confirm: read("confirm", settings.confirm),
    atOnce: read("atOnce", settings.atOnce),
    patience: read("patience", settings.patience),
    url: read("url", settings.url),
    opsUrl: read("opsUrl", settings.opsUrl),
    dataDir: read("dataDir", settings.dataDir),
  };
  const optional = { seed: read("seed", settings.seed), key: read("key", settings.key) };
  return isComplete(values) ? { ...values, ...optional } : null;
}

type Complete<Values> = { [Name in keyof Values]: Exclude<Values[Name], undefined> };

function isComplete<Values extends object>(values: Values): values is Values & Complete<Values> {
  return Object.values(values).every((value) => value !== undefined);
}

/** A rehearsal creates an event and buys its tickets, which nobody wants to happen in a real shop by mistake. */
function requireSafeTarget(given: Given, url: URL, opsUrl: URL, complain: Complain): void {
  if (isLoopback(url) && isLoopback(opsUrl)) return;
  const remote = isLoopback(url) ? opsUrl : url;
  if (!given.allowRemote) {
    complain(
      `${remote.origin} is not on this machine, and a rehearsal creates an event there and buys its tickets; ` +
        "add --allow-remote if that is what you want.",
    );
    return;
  }
  if (!given.texts.has("key"))
    complain(
      `Give the admin key of ${remote.origin} with --key; the one kept on this machine is not sent elsewhere.`,
    );
  if (given.killWorker)
    complain(
      `--kill-worker ends a process of this machine, so it cannot be used on ${remote.origin}, which is elsewhere.`,
    );
}

function jsonTarget(json: Given["json"]): JsonTarget {
  if (json === undefined || json === false) return { kind: "none" };
  return json === true ? { kind: "stdout" } : { kind: "file", path: resolve(json) };
}

function readGiven(flags: readonly string[], environment: NodeJS.ProcessEnv): Given {
  const command = makeCommand();
  try {
    command.parse(flags, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") throw new HelpShown();
    throw new UsageError(sentenceOf(error));
  }
  const options: Record<string, unknown> = command.opts();
  const texts = new Map<SettingName, { text: string; from: string }>();
  for (const name of Object.keys(settings) as SettingName[]) {
    const { flag, variable } = settings[name];
    const [byFlag, byVariable] = [options[name], environment[variable]];
    if (typeof byFlag === "string") texts.set(name, { text: byFlag, from: `--${flag}` });
    else if (byVariable !== undefined && byVariable !== "")
      texts.set(name, { text: byVariable, from: variable });
  }
  const json = options["json"];
  return {
    texts,
    killWorker: options["killWorker"] === true,
    allowRemote: options["allowRemote"] === true,
    json: typeof json === "string" || typeof json === "boolean" ? json : undefined,
  };
}

function makeCommand(): Command {
  const command = new Command("holdfast demo")
    .usage("[options]")
    .description("Rehearses a sale: creates an event, sends buyers, and checks that every answer was kept.")
    .helpOption("--help", "this text")
    .addHelpText("beforeAll", examples)
    .addHelpText("after", notes)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  for (const setting of Object.values<Setting<unknown>>(settings)) {
    const fallback = setting.fallback === undefined ? "" : ` (default ${setting.fallback})`;
    command.addOption(new Option(`--${setting.flag} <${setting.placeholder}>`, setting.help + fallback));
  }
  return command
    .option("--kill-worker", "kills one worker with SIGKILL when half of the buyers have arrived")
    .option("--json [FILE]", "the result for machines, instead of the text or in a file")
    .option("--allow-remote", "allows a service that is not on this machine");
}

const examples = `Examples:
  npm run demo                                          a sale of 20 seconds, on the service of this machine
  npm run demo -- --kill-worker                         the same, and a worker dies midway
  npm run demo -- --capacity 100 --buyers 1000 --rate 500
  npm run demo -- --confirm 0 --hold 600 --seed 7       nobody pays, the same way each time
  npm run demo -- --json result.json

`;

const notes = `
Each option with a value is also an environment variable: --hold is DEMO_HOLD, --key is HOLDFAST_ADMIN_KEY and
--data-dir is DATA_DIR. Options win.
Exit codes: 0 all is well, 1 error, 2 usage, 3 the service broke a promise.`;

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
