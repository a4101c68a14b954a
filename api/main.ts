import { mkdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { WorkersFailedError } from "node-cluster-autoscale";
import { ensureAdminKey } from "./features/access/ensure-admin-key.ts";
import { PortTakenError } from "./http/listen.ts";
import {
  type Configuration,
  ConfigurationError,
  HelpShown,
  readConfiguration,
} from "./kernel/configuration.ts";
import { ErrorGatherer } from "./kernel/gather-errors.ts";
import { createLog, type Log } from "./kernel/log.ts";
import { createSecretMask, secretsOf } from "./kernel/mask-secrets.ts";
import { UnusableDatabaseError, requireUsableDatabase } from "./store/check-database.ts";
import { EmbeddedPostgresError } from "./store/embedded/embedded-postgres-error.ts";
import { startEmbeddedPostgres } from "./store/embedded/start-embedded-postgres.ts";
import { grantRights } from "./store/grant-rights.ts";
import { migrate } from "./store/migrate.ts";
import { openDatabase } from "./store/open-database.ts";
import { sqlstateOf } from "./store/sqlstate.ts";
import { PagesMissingError, requirePages } from "./supervisor/require-pages.ts";
import { repeatWhileUnavailable } from "./supervisor/repeat-while-unavailable.ts";
import { startSupervisor, type Supervisor } from "./supervisor/start-supervisor.ts";

const projectFolder = resolve(import.meta.dirname, "..");
const migrationsFolder = resolve(projectFolder, "migrations");
const dashboardFolder = resolve(projectFolder, "dashboard/dist");
const storefrontFolder = resolve(projectFolder, "storefront/dist");
const stopMaxMs = 10_000;
/** The SQLSTATE of what a role may not do. */
const insufficientPrivilege = "42501";
const exitCode = { ok: 0, error: 1, usage: 2 } as const;
/** Of what this process says outside of its log. It knows more once the configuration is read. */
let mask = createSecretMask();

/** Things to undo when the service stops, the latest first. */
type Undo = () => Promise<void>;

async function main(): Promise<void> {
  requireNode();
  const configuration = readConfiguration(process.env, process.argv.slice(2));
  // Workers inherit the environment, and have no business with the owner of the tables.
  delete process.env["MIGRATION_DATABASE_URL"];
  const secrets = secretsOf(configuration);
  mask = createSecretMask(secrets);
  const troubles = new ErrorGatherer();
  const log = createLog(configuration.logLevel, {
    node: hostname(),
    onTrouble: (trouble) => troubles.add(trouble),
    secrets,
  });
  // Node itself would print the error with all its members, credentials among them.
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "The supervisor met a defect and ends.");
    process.exit(exitCode.error);
  });
  const undo: Undo[] = [];
  const stopping = new AbortController();
  stopOnSignals(undo, stopping, log);
  try {
    await start(configuration, { log, troubles, undo, signal: stopping.signal });
  } catch (error) {
    if (stopping.signal.aborted) return;
    await undoAll(undo, log);
    throw error;
  }
}

interface Start {
  readonly log: Log;
  readonly troubles: ErrorGatherer;
  readonly undo: Undo[];
  /** Gives the start up. */
  readonly signal: AbortSignal;
}

async function start(configuration: Configuration, { log, troubles, undo, signal }: Start): Promise<void> {
  const { dataDir } = configuration;
  await requirePages("dashboard", dashboardFolder);
  if (configuration.role !== "jobs") await requirePages("storefront", storefrontFolder);
  await mkdir(dataDir, { recursive: true });
  const connectionString = configuration.databaseUrl ?? (await startEmbedded(dataDir, log, undo, signal));
  const onBreak = (error: unknown) =>
    log.warn({ err: error }, "A connection to the database broke during the start; trying again.");
  const adminKey = await repeatWhileUnavailable(
    async () => {
      await requireUsableDatabase(connectionString);
      await prepareSchema(configuration, connectionString, log);
      return prepareAdminKey(configuration, connectionString);
    },
    { signal, onBreak },
  );
  const version = await readVersion();
  signal.throwIfAborted();
  const supervisor = startSupervisor({
    configuration,
    connectionString,
    dashboardFolder,
    storefrontFolder,
    version,
    log,
    troubles,
  });
  // A stop that is asked for while workers start waits for them, and then ends them.
  undo.push(() => supervisor.then((started) => started.stop()).catch(() => {}));
  const started = await supervisor;
  signal.throwIfAborted();
  process.stdout.write(greeting(configuration, started, adminKey));
}

/** Brings the schema up to date as its owner, and lets the service's own role use it where that is another. */
async function prepareSchema(
  { migrationDatabaseUrl }: Configuration,
  connectionString: string,
  log: Log,
): Promise<void> {
  const applied = await migrate(migrationDatabaseUrl ?? connectionString, migrationsFolder).catch(
    (error: unknown) => {
      if (sqlstateOf(error) !== insufficientPrivilege) throw error;
      throw new UnusableDatabaseError(
        "The schema has to be brought up to date, which the role in DATABASE_URL may not do; " +
          "set MIGRATION_DATABASE_URL to the address with the role that owns the tables.",
      );
    },
  );
  if (applied.length > 0) log.info({ migrations: applied }, "The database schema was brought up to date.");
  if (migrationDatabaseUrl === null) return;
  const role = await grantRights(migrationDatabaseUrl, connectionString);
  if (role !== null)
    log.info({ role }, "The role of the service has the rights that it needs, and no others.");
}

async function prepareAdminKey(
  { adminKey, dataDir }: Configuration,
  connectionString: string,
): Promise<string> {
  const database = openDatabase({ connectionString, connectionsMax: 1, onLost: () => {} });
  const wanted = { configured: adminKey, dataDir, machine: hostname() };
  return ensureAdminKey(database, wanted).finally(() => database.destroy());
}

async function startEmbedded(dataDir: string, log: Log, undo: Undo[], signal: AbortSignal): Promise<string> {
  const server = await startEmbeddedPostgres({ dataDir, log: (message) => log.info(message), signal });
  undo.push(() => server.stop());
  return server.connectionString;
}

async function readVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(resolve(projectFolder, "package.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null || !("version" in manifest)) return "unknown";
  return String(manifest.version);
}

function greeting(
  { databaseUrl, dataDir, adminKey: configured, workersMin, workersMax }: Configuration,
  { url, opsUrl }: Supervisor,
  adminKey: string,
): string {
  const data =
    databaseUrl === null ? `${dataDir}  (PostgreSQL 18, embedded)` : "in the PostgreSQL at DATABASE_URL";
  const publicLines =
    url === null
      ? ["├─ API          none: this machine does the background work"]
      : [
          `├─ Storefront   ${url}`,
          `├─ API          ${url}/v1`,
          `├─ API docs     ${url}/docs`,
          `├─ Health       ${url}/readyz`,
        ];
  return [
    url === null ? "Holdfast is at work." : "Holdfast is selling.",
    ...publicLines,
    `├─ Dashboard    ${opsUrl}`,
    `├─ Metrics      ${opsUrl}/metrics`,
    `├─ Workers      ${workersMin === workersMax ? workersMin : `${workersMin} to ${workersMax}, by demand`}`,
    `├─ Data         ${data}`,
    `├─ Admin key    ${configured === null ? adminKey : "the one in HOLDFAST_ADMIN_KEY"}`,
    "└─ Ctrl-C stops; data stays",
    "",
  ].join("\n");
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

/** Mistakes that the operator can mend: told in one sentence. */
function isUsageMistake(error: unknown): error is Error {
  return (
    error instanceof ConfigurationError ||
    error instanceof PortTakenError ||
    error instanceof PagesMissingError
  );
}

function isExpected(error: unknown): error is Error {
  return (
    isUsageMistake(error) ||
    error instanceof EmbeddedPostgresError ||
    error instanceof UnusableDatabaseError ||
    error instanceof WorkersFailedError
  );
}

try {
  await main();
} catch (error) {
  if (error instanceof HelpShown) process.exit(exitCode.ok);
  const told = isExpected(error) ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${mask(told ?? "")}\n`);
  process.exit(isUsageMistake(error) ? exitCode.usage : exitCode.error);
}
