import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { ensureAdminKey } from "./features/access/ensure-admin-key.ts";
import { PortTakenError } from "./http/listen.ts";
import {
  type Configuration,
  ConfigurationError,
  HelpShown,
  readConfiguration,
} from "./kernel/configuration.ts";
import { createLog, type Log } from "./kernel/log.ts";
import { UnusableDatabaseError, requireUsableDatabase } from "./store/check-database.ts";
import { EmbeddedPostgresError } from "./store/embedded/embedded-postgres-error.ts";
import { startEmbeddedPostgres } from "./store/embedded/start-embedded-postgres.ts";
import { migrate } from "./store/migrate.ts";
import { openDatabase } from "./store/open-database.ts";
import { startWorker } from "./worker.ts";

const migrationsFolder = resolve(import.meta.dirname, "../migrations");
const stopMaxMs = 10_000;
const exitCode = { ok: 0, error: 1, usage: 2 } as const;

/** Things to undo when the service stops, the latest first. */
type Undo = () => Promise<void>;

async function main(): Promise<void> {
  requireNode();
  const configuration = readConfiguration(process.env, process.argv.slice(2));
  const log = createLog(configuration.logLevel);
  const undo: Undo[] = [];
  const stopping = new AbortController();
  stopOnSignals(undo, stopping, log);
  try {
    await start(configuration, log, undo, stopping.signal);
  } catch (error) {
    if (stopping.signal.aborted) return;
    await undoAll(undo, log);
    throw error;
  }
}

async function start(
  configuration: Configuration,
  log: Log,
  undo: Undo[],
  signal: AbortSignal,
): Promise<void> {
  const { dataDir, host, port, demo, trustedProxies } = configuration;
  await mkdir(dataDir, { recursive: true });
  const connectionString = configuration.databaseUrl ?? (await startEmbedded(dataDir, log, undo, signal));
  await requireUsableDatabase(connectionString);
  const applied = await migrate(connectionString, migrationsFolder);
  if (applied.length > 0) log.info({ migrations: applied }, "The database schema was brought up to date.");
  signal.throwIfAborted();

  const database = openDatabase({ connectionString, connectionsMax: 1, onLost: () => {} });
  const adminKey = await ensureAdminKey(database, { configured: configuration.adminKey, dataDir }).finally(
    () => database.destroy(),
  );
  const worker = await startWorker({ connectionString, demo, log, host, port, trustedProxies });
  undo.push(() => worker.stop());
  signal.throwIfAborted();
  process.stdout.write(greeting(configuration, worker.url, adminKey));
}

async function startEmbedded(dataDir: string, log: Log, undo: Undo[], signal: AbortSignal): Promise<string> {
  const server = await startEmbeddedPostgres({ dataDir, log: (message) => log.info(message), signal });
  undo.push(() => server.stop());
  return server.connectionString;
}

function greeting(
  { databaseUrl, dataDir, adminKey: configured }: Configuration,
  url: string,
  adminKey: string,
): string {
  const data =
    databaseUrl === null ? `${dataDir}  (PostgreSQL 18, embedded)` : "in the PostgreSQL at DATABASE_URL";
  return `Holdfast is selling.
├─ API          ${url}/v1
├─ API docs     ${url}/docs
├─ Health       ${url}/readyz
├─ Data         ${data}
├─ Admin key    ${configured === null ? adminKey : "the one in HOLDFAST_ADMIN_KEY"}
└─ Ctrl-C stops; data stays
`;
}

/** The first signal drains and stops; the same one again stops at once. */
function stopOnSignals(undo: Undo[], stopping: AbortController, log: Log): void {
  let first: NodeJS.Signals | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === first) process.exit(exitCode.error);
    // Another kind of signal is the same wish arriving by another way, as when a whole group of processes is told.
    if (first !== null) return;
    first = signal;
    stopping.abort();
    log.info({ signal }, "Stopping: serving what has been asked. Once more stops at once.");
    const limit = setTimeout(() => process.exit(exitCode.error), stopMaxMs);
    undoAll(undo, log).then(
      () => {
        clearTimeout(limit);
        process.exit(exitCode.ok);
      },
      () => process.exit(exitCode.error),
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}

async function undoAll(undo: Undo[], log: Log): Promise<void> {
  for (let last = undo.pop(); last !== undefined; last = undo.pop()) {
    await last().catch((error: unknown) => log.error({ err: error }, "A part did not stop cleanly."));
  }
}

function requireNode(): void {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 26)
    throw new ConfigurationError(
      `Holdfast needs Node 26 or newer, not ${process.versions.node}; "npm start" brings its own.`,
    );
}

try {
  await main();
} catch (error) {
  if (error instanceof HelpShown) process.exit(exitCode.ok);
  const expected =
    error instanceof ConfigurationError ||
    error instanceof PortTakenError ||
    error instanceof EmbeddedPostgresError ||
    error instanceof UnusableDatabaseError;
  process.stderr.write(
    expected ? `${error.message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(error instanceof ConfigurationError ? exitCode.usage : exitCode.error);
}
