import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { styleText } from "node:util";
import { BackOffice } from "./back-office.ts";
import { DemoError, HelpShown, UsageError } from "./demo-error.ts";
import { findKey } from "./find-key.ts";
import { formatSummary } from "./format-summary.ts";
import { createSender, type Sender } from "./http-sender.ts";
import { makePatience } from "./keep-trying.ts";
import { chooseWorker, insist, type Processes } from "./kill-a-worker.ts";
import { type Operations, readOperations } from "./operations.ts";
import type { JsonTarget, Options } from "./options.ts";
import { readOptions } from "./read-options.ts";
import { readProcess } from "./read-process.ts";
import { rehearseSale } from "./rehearse-sale.ts";
import { Shop } from "./shop.ts";
import { type Progress, showProgress } from "./show-progress.ts";
import type { Summary } from "./summarise-sale.ts";

const exitCode = { ok: 0, error: 1, usage: 2, broken: 3 } as const;
/** After Ctrl-C, a request without a definite answer is tried for so long. */
const stopPatienceMs = 10_000;

const processes: Processes = {
  ownPid: process.pid,
  read: readProcess,
  kill: (pid) => process.kill(pid, "SIGKILL"),
};

const tell = (sentence: string) => process.stderr.write(`${sentence}\n`);

async function main(): Promise<number> {
  // Whoever read the output may leave before its end; the sale goes on all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const options = readOptions(process.argv.slice(2), process.env);
  await requireWritable(options.json);
  const [stopping, giveUp] = [new AbortController(), new AbortController()];
  const origin = options.url.origin;
  const patience = makePatience(options.patienceMs, giveUp.signal);
  const senders: Sender[] = [];
  try {
    const stranger = createSender(options.url, null);
    senders.push(stranger);
    await new Shop(stranger, patience, origin).requireReady();
    const key = await findKey(options);
    const sender = createSender(options.url, key);
    senders.push(sender);
    const operations = await openOperations(options, key, senders);
    if (options.killWorker) await requireKillable(options, operations);
    const shop = new Shop(sender, patience, origin);
    const office = new BackOffice(options.url, key, options.patienceMs, giveUp.signal);
    let progress: Progress | null = null;
    stopOnSignals(stopping, giveUp, (sentence) =>
      progress === null ? tell(sentence) : progress.say(sentence),
    );
    const event = await office.createEvent(options);
    tell(
      `Created the event "${event.name}" with ${event.capacity} tickets; a hold lasts ${event.hold_seconds} s.`,
    );
    tell(watchingWords(options, operations));
    progress = showProgress(process.stderr, options.buyers, process.env);
    const rehearsal = { options, shop, office, event, operations, processes, progress, stopping };
    const summary = await rehearseSale(rehearsal);
    await report(summary, options.json);
    return judge(summary);
  } finally {
    for (const sender of senders) sender.close();
  }
}

/** @returns null when nothing answers there, which a sale can do without */
async function openOperations(
  { opsUrl }: Options,
  key: string,
  senders: Sender[],
): Promise<Operations | null> {
  if (opsUrl === null) return null;
  const sender = createSender(opsUrl, key);
  senders.push(sender);
  const operations = readOperations(sender, opsUrl);
  return (await operations.countWorkers()) === null ? null : operations;
}

function watchingWords({ opsUrl }: Options, operations: Operations | null): string {
  if (operations !== null) return `Watch it at ${operations.url.origin}.`;
  return opsUrl === null
    ? "Workers are not watched; --ops-url tells where the operations listener is."
    : `No operations listener answers at ${opsUrl.origin}, so workers are not watched.`;
}

/** Better refused before the sale than in the middle of it. */
async function requireKillable({ opsUrl }: Options, operations: Operations | null): Promise<void> {
  if (operations === null)
    throw new DemoError(
      `--kill-worker needs the operations listener, and none answers at ${opsUrl?.origin ?? "an address that is known"}; give its address with --ops-url.`,
    );
  const choice = await insist(() => chooseWorker(operations, processes));
  if (choice.kind === "refused") throw new DemoError(`No worker can be killed: ${choice.reason}.`);
}

/** The first signal sends no more buyers and waits for those under way; the same one again ends at once. */
function stopOnSignals(
  stopping: AbortController,
  giveUp: AbortController,
  say: (sentence: string) => void,
): void {
  let first: NodeJS.Signals | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === first) process.exit(exitCode.error);
    // Another kind of signal is the same wish arriving by another way.
    if (first !== null) return;
    first = signal;
    say("Sending no more buyers and waiting for those under way. Once more ends at once.");
    stopping.abort();
    setTimeout(() => giveUp.abort(), stopPatienceMs).unref();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}

async function requireWritable(json: JsonTarget): Promise<void> {
  if (json.kind !== "file") return;
  const { path } = json;
  try {
    await access(dirname(path), constants.W_OK);
    const found = await stat(path).catch(() => null);
    if (found === null) return;
    if (found.isDirectory()) throw new Error("It is a folder.");
    await access(path, constants.W_OK);
  } catch {
    throw new UsageError(`--json must be a file that can be written, not "${path}".`);
  }
}

async function report(summary: Summary, json: JsonTarget): Promise<void> {
  const document = `${JSON.stringify(summary, null, 2)}\n`;
  if (json.kind === "stdout") {
    process.stdout.write(document);
    return;
  }
  // Colours appear on a terminal only, and not where NO_COLOR is set.
  const good = (text: string) => styleText("green", text, { stream: process.stdout });
  const bad = (text: string) => styleText("red", text, { stream: process.stdout });
  process.stdout.write(formatSummary(summary, { good, bad }));
  if (json.kind === "file") await writeFile(json.path, document);
}

function judge(summary: Summary): number {
  if (summary.verdict === "broken") {
    tell("The service broke a promise: what it has is not what it told its buyers.");
    return exitCode.broken;
  }
  const unknown = summary.holds.unknown + summary.confirms.unknown;
  if (summary.verdict === "unchecked") {
    tell("The service does not answer any more.");
    return exitCode.error;
  }
  if (unknown > 0) tell(`${unknown} requests never had a definite answer.`);
  return unknown > 0 || summary.kill_refused !== null ? exitCode.error : exitCode.ok;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof HelpShown) process.exitCode = exitCode.ok;
  else if (error instanceof UsageError) {
    tell(error.message);
    process.exitCode = exitCode.usage;
  } else {
    tell(error instanceof DemoError ? error.message : String(error instanceof Error ? error.stack : error));
    process.exitCode = exitCode.error;
  }
}
