import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { AutoscalingCluster } from "node-cluster-autoscale";
import { closeServer } from "../http/close-server.ts";
import { listen, originOf, requireFreePort, urlOf } from "../http/listen.ts";
import { choosePort } from "../kernel/choose-port.ts";
import type { Configuration } from "../kernel/configuration.ts";
import type { ErrorGatherer } from "../kernel/gather-errors.ts";
import type { Log } from "../kernel/log.ts";
import { startLoop } from "../kernel/start-loop.ts";
import { createOperations } from "../operations/create-operations.ts";
import { MetricTotals } from "../operations/metric-totals.ts";
import { followCluster } from "./follow-cluster.ts";
import { followStock } from "./follow-stock.ts";
import { readState, writeState } from "./keep-state.ts";
import { learnJobStatements } from "./learn-job-statements.ts";
import { openControls } from "./open-controls.ts";
import { rateLimitsOf } from "../worker.ts";
import { workerEnvironment } from "./worker-environment.ts";

const workerFile = resolve(import.meta.dirname, "../worker-process.ts");
/** How much of the counters a kill -9 of this process may cost. */
const saveEveryMs = 1_000;
/** Workers that have not finished by then are ended. */
const drainMaxMs = 7_000;

export interface SupervisorOptions {
  readonly configuration: Configuration;
  readonly connectionString: string;
  /** Holds the built dashboard. */
  readonly dashboardFolder: string;
  /** Holds the built storefront. */
  readonly storefrontFolder: string;
  readonly version: string;
  readonly log: Log;
  /** The warnings and errors of this process, for the error feed. */
  readonly troubles: ErrorGatherer;
}

export interface Supervisor {
  /** Where the public listener can be reached; null where no worker serves requests. */
  readonly url: string | null;
  /** Where the operations listener can be reached. */
  readonly opsUrl: string;
  /** Lets the workers finish what was asked of them, and lets go of everything. Within 10 s. */
  stop(): Promise<void>;
}

/**
 * Starts workers and keeps the wanted number of them alive, and serves the operations listener, which answers whatever
 * becomes of the workers. The schema must be up to date.
 *
 * @throws PortTakenError when one of the two ports cannot be listened on
 * @throws WorkersFailedError when no worker can be started
 */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { configuration, connectionString, storefrontFolder, log } = options;
  const { host, role, dataDir, opsPort } = configuration;
  const isServing = role !== "jobs";
  const port = isServing ? await choosePublicPort(configuration) : 0;
  const stateFile = join(dataDir, `supervisor-${opsPort}.json`);
  const { nodeId, totals: saved } = await readState(stateFile);
  const totals = new MetricTotals();
  if (saved !== null && !totals.restore(saved))
    log.warn("The old counters could not be read; counting from zero.");

  const jobStatementTexts = await learnJobStatements(connectionString, log);
  const cluster = new AutoscalingCluster({
    exec: workerFile,
    env: workerEnvironment(configuration, {
      connectionString,
      jobStatementTexts,
      port,
      storefrontFolder,
      node: hostname(),
    }),
    min: configuration.workersMin,
    max: configuration.workersMax,
    scaling: {
      upRequestsPerSecond: configuration.scaleUpRps,
      downRequestsPerSecond: configuration.scaleDownRps,
      ...(configuration.workersMayCrowd && { cores: configuration.workersMax }),
    },
    drainMaxMs,
  });
  const controls = openControls(connectionString, jobStatementTexts, log);
  const operations = createOperations({
    cluster,
    totals,
    connectionString,
    node: { id: nodeId, name: hostname(), version: options.version, role, startedAtMs: Date.now() },
    log,
    dashboardFolder: options.dashboardFolder,
    historyFile: join(dataDir, `supervisor-${opsPort}-history.gz`),
    host,
    authorize: controls.authorize,
    setPaused: controls.setPaused,
    closeRestock: controls.closeRestock,
    reopenRestock: controls.reopenRestock,
    outboxes: {
      isDemo: configuration.demo,
      smsFile: configuration.smsGateway === null ? join(dataDir, "outbox/sms.jsonl") : null,
      emailFile: configuration.smtpUrl === null ? join(dataDir, "outbox/email.jsonl") : null,
    },
    runJob: (name) => {
      // Only the worker that does the work has it; the others do not mind.
      cluster.broadcast({ kind: "run_job", name });
      return true;
    },
  });
  const stock = followStock(connectionString, (id, message) => cluster.send(id, message), log);
  followCluster(cluster, { operations, totals, stock, limits: rateLimitsOf(configuration), log });
  options.troubles.forwardTo((trouble) => operations.record(trouble));
  const save = () => writeState(stateFile, { nodeId, totals: totals.save() });
  const saving = startLoop(
    async () => {
      await save();
      return saveEveryMs;
    },
    (error) => log.warn({ err: error }, "The counters could not be saved; trying again."),
  );
  /** In this order: the pages tell of the workers' end, and the last counts are saved. */
  const stopParts = async (closeListener: () => Promise<void>) => {
    await cluster.stop();
    await closeListener();
    await Promise.all([operations.stop(), stock.stop(), saving.stop(), controls.close()]);
    await save().catch((error: unknown) => log.warn({ err: error }, "The counters could not be saved."));
  };
  let closeListener = async () => {};
  try {
    const server = await listen(
      operations.app,
      { host, port: opsPort, setting: "OPS_PORT" },
      { trustedProxies: configuration.trustedProxies },
    );
    closeListener = () => closeServer(server);
    operations.start();
    await cluster.start();
    return {
      url: isServing ? originOf(host, port) : null,
      opsUrl: urlOf(server, host),
      stop: () => stopParts(closeListener),
    };
  } catch (error) {
    await stopParts(closeListener);
    throw error;
  }
}

/**
 * The port of the workers. Nobody holds it before the first of them listens, nor while all of them are gone, so one that is
 * ours to choose is one that no client's connection takes meanwhile.
 */
async function choosePublicPort({ host, port }: Pick<Configuration, "host" | "port">): Promise<number> {
  const chosen = port === 0 ? await choosePort(host) : null;
  return chosen ?? requireFreePort({ host, port, setting: "PORT" });
}
