import { randomUUID } from "node:crypto";
import pg from "pg";
import { findEmbeddedPostgres } from "../../api/store/embedded/start-embedded-postgres.ts";
import {
  type OpenPointController,
  openPointController,
} from "../../chaos/kill-points/open-point-controller.ts";
import type { TestDatabase } from "./open-test-database.ts";
import { makeDataDir, removeDataDir } from "./postgres-server.ts";
import { type ReadyService, ServiceProcess, stopLeftDatabase } from "./start-service-process.ts";
import { waitFor } from "./wait-for.ts";
import { OperationsWatcher } from "./watch-operations.ts";

/** How a request ended: with an answer, or without one. */
export type Outcome = { readonly status: number; readonly text: string } | "no answer";

/** A service of its own with its own database server, with points in all of its processes. */
export interface PointedService extends ReadyService {
  readonly points: OpenPointController;
  readonly dataDir: string;
  readonly watch: OperationsWatcher;
  /** Sends once. */
  ask(method: string, path: string, body: object | null, key?: string): Promise<Outcome>;
  createEvent(terms?: object): Promise<string>;
  /** Sends again under the same key until there is an answer that settles it. */
  settle(send: () => Promise<Outcome>): Promise<Exclude<Outcome, "no answer">>;
  /** Asks the database past the service, over a new connection each time. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

const workers = 2;
/** A new database server on a machine that runs every test at once. */
const startMaxMs = 120_000;
const askMaxMs = 12_000;
const settleMaxMs = 30_000;
const pauseMs = 50;

/**
 * Starts two workers on free ports.
 *
 * @param database for a test that kills nothing of it; without one, the service keeps a server of its own
 */
export async function openPointedService(database: TestDatabase | null = null): Promise<PointedService> {
  const points = await openPointController();
  const dataDir = await makeDataDir();
  const service = new ServiceProcess({
    DATA_DIR: dataDir,
    WORKERS_MIN: String(workers),
    WORKERS_MAX: String(workers),
    ...(database !== null && { DATABASE_URL: database.connectionString }),
    ...points.environment,
  });
  const close = async () => {
    await service.end("SIGTERM").catch(() => {});
    await points.close();
    await stopLeftDatabase(dataDir);
    await removeDataDir(dataDir);
  };
  const ready = await service.ready(startMaxMs).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const watch = new OperationsWatcher(ready.opsUrl);
  await watch.awaitReady(workers);
  const ask = createAsker(ready);
  return {
    ...ready,
    points,
    dataDir,
    watch,
    ask,
    createEvent: async (terms = {}) => {
      const made = await ask("POST", "/v1/events", { name: "Pointed", capacity: 1_000, ...terms });
      if (made === "no answer" || made.status !== 201) throw new Error(`No event: ${JSON.stringify(made)}`);
      return String((JSON.parse(made.text) as { id: string }).id);
    },
    settle,
    query: (text, values) => database?.query(text, values) ?? queryOnce(dataDir, text, values),
    close,
  };
}

function createAsker({ url, adminKey }: ReadyService): PointedService["ask"] {
  return async (method, path, body, key = randomUUID()) => {
    const headers = {
      authorization: `Bearer ${adminKey}`,
      "content-type": "application/json",
      "idempotency-key": key,
      // Else a request may be sent on a connection whose worker has just died.
      connection: "close",
    };
    try {
      const response = await fetch(url + path, {
        method,
        headers,
        ...(body !== null && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(askMaxMs),
      });
      return { status: response.status, text: await response.text() };
    } catch {
      return "no answer";
    }
  };
}

async function settle(send: () => Promise<Outcome>): Promise<Exclude<Outcome, "no answer">> {
  const limitAtMs = performance.now() + settleMaxMs;
  for (;;) {
    const outcome = await send();
    if (outcome !== "no answer" && outcome.status < 500 && !outcome.text.includes("in_progress"))
      return outcome;
    if (performance.now() > limitAtMs) throw new Error(`Never settled: ${JSON.stringify(outcome)}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function queryOnce<Row extends pg.QueryResultRow>(
  dataDir: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const { connectionString } = await waitFor("the database", () => findEmbeddedPostgres({ dataDir }), 30_000);
  const client = new pg.Client({ connectionString, application_name: "test" });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
