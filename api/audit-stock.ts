// `npm run audit-stock` compares every event's counters with its reservations, and every order with what was sold for it,
// on the database in use.
import {
  type Configuration,
  ConfigurationError,
  HelpShown,
  readConfiguration,
} from "./kernel/configuration.ts";
import { requireUsableDatabase, UnusableDatabaseError } from "./store/check-database.ts";
import { EmbeddedPostgresError } from "./store/embedded/embedded-postgres-error.ts";
import { findEmbeddedPostgres } from "./store/embedded/start-embedded-postgres.ts";
import { describeOrderMismatch } from "./store/recount-orders.ts";
import { describeMismatch, recountStock, type StockRecount } from "./store/recount-stock.ts";

const exitCode = { ok: 0, error: 1, usage: 2, invariantBroken: 3 } as const;

/** There is nothing to audit. The message is one sentence for the operator. */
class NoDatabaseError extends Error {}

async function main(): Promise<number> {
  const configuration = readConfiguration(process.env, process.argv.slice(2));
  const connectionString = await findDatabase(configuration);
  const recount = await recountStock(connectionString);
  process.stdout.write(report(recount));
  return countFaults(recount) === 0 ? exitCode.ok : exitCode.invariantBroken;
}

async function findDatabase({ databaseUrl, dataDir }: Configuration): Promise<string> {
  if (databaseUrl !== null) {
    await requireUsableDatabase(databaseUrl);
    return databaseUrl;
  }
  const server = await findEmbeddedPostgres({ dataDir });
  if (server === null) {
    throw new NoDatabaseError(
      `No database runs in ${dataDir}; start the service first, or name a database with DATABASE_URL.`,
    );
  }
  return server.connectionString;
}

function countFaults({ mismatchCount, orderMismatchCount }: StockRecount): number {
  return mismatchCount + orderMismatchCount;
}

function report(recount: StockRecount): string {
  const rows = [
    ["Events", recount.events],
    ["Orders", recount.orders],
    ["Oversold tickets", recount.oversoldTickets],
    ["Broken events", recount.mismatchCount],
    ["Broken orders", recount.orderMismatchCount],
    ["Invariants", countFaults(recount) === 0 ? "hold" : "BROKEN"],
  ] as const;
  const table = rows.map(([name, value]) => `${name.padEnd(18)}${value}`);
  const faults = [
    ...recount.mismatches.map(describeMismatch),
    ...recount.orderMismatches.map(describeOrderMismatch),
  ].map((fault) => `- ${fault}`);
  const hidden = countFaults(recount) - faults.length;
  return `${[...table, ...faults, ...(hidden > 0 ? [`- and ${hidden} more`] : [])].join("\n")}\n`;
}

/** What is wrong, in one sentence, where a stack would help nobody. */
function explain(error: unknown): string {
  const isExpected =
    error instanceof ConfigurationError ||
    error instanceof NoDatabaseError ||
    error instanceof UnusableDatabaseError ||
    error instanceof EmbeddedPostgresError;
  if (isExpected) return error.message;
  return `The stock could not be recounted: ${error instanceof Error ? error.message : String(error)}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof HelpShown)) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = error instanceof ConfigurationError ? exitCode.usage : exitCode.error;
  }
}
