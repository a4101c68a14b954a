import { OutcomeCounts } from "./desk/count-outcomes.ts";
import { Desk } from "./desk/desk.ts";
import { Gate } from "./desk/gate.ts";
import { KeyAuthenticator } from "./features/access/authenticate-key.ts";
import { BuyerTokens } from "./features/access/buyer-tokens.ts";
import { EventLocator } from "./features/reservations/locate-event.ts";
import { RateLimiter } from "./http/limit-rate.ts";
import { LocalQuotas } from "./http/quotas/local-quotas.ts";
import type { QuotaSource, RateLimits } from "./http/quotas/quota-source.ts";
import type { Services } from "./http/services.ts";
import { startGateRefresh } from "./jobs/refresh-gate.ts";
import { type RunningJobs, startJobs } from "./jobs/start-jobs.ts";
import { DatabaseClock } from "./kernel/clock.ts";
import { makeReservationId } from "./kernel/ids.ts";
import type { Log } from "./kernel/log.ts";
import { MetricRecorder } from "./kernel/record-metrics.ts";
import type { WorkerGauges } from "./kernel/worker-report.ts";
import { type Database, openWatchedDatabase, type WatchedDatabase } from "./store/open-database.ts";
import { selectNow } from "./store/select-now.ts";
import { ensureSigningSecret } from "./store/signing-secrets.ts";
import { failureKindOf } from "./store/sqlstate.ts";

/** Connections for everything but the desk. Few: waiting belongs in this process, not in the database. */
const poolMax = 4;

export interface WorkerOptions {
  readonly connectionString: string;
  readonly demo: boolean;
  readonly log: Log;
  readonly rateLimits?: RateLimits;
  /** Counts requests by those limits; this process alone when absent. */
  readonly quotas?: QuotaSource;
  /** Receives everything that is counted. */
  readonly recorder?: MetricRecorder;
  readonly trustedProxies?: readonly string[];
}

/** Generous to a household behind one address, and to a buyer who reloads in panic. */
export const defaultRateLimits: RateLimits = { anonymousMax: 1_000, buyerMax: 200 };

/** Everything behind the listener. */
export interface AssembledServices {
  readonly services: Services;
  /** What waits and what is in use at the moment. */
  readGauges(): WorkerGauges;
  /** Starts the background work, which one worker of each machine does. */
  beginJobs(): RunningJobs;
  /** Ends the background work, serves what waits at the desk, and closes every connection. */
  stop(): Promise<void>;
}

/** Builds everything behind the listener, without the background work. */
export async function assembleServices(options: WorkerOptions): Promise<AssembledServices> {
  const { connectionString, log, demo } = options;
  const warn = (message: string, error: unknown) => log.warn({ err: error }, message);
  const onLost = (error: Error) => warn("A database connection was lost.", error);
  const recorder = options.recorder ?? new MetricRecorder();
  const waitTime = recorder.histogram("db_client_connection_wait_time_seconds", {});
  const { database, readPool } = openWatchedDatabase({
    connectionString,
    connectionsMax: poolMax,
    onLost,
    onWaited: (waitedMs) => waitTime.observe(waitedMs / 1000),
  });
  const { clock, secret } = await readEssentials(database);
  const gate = new Gate();
  const events = new EventLocator(database);
  const desk = new Desk({
    connectionString,
    makeId: makeReservationId,
    recorder,
    onTrouble: warn,
    onReport: (report) => {
      clock.observe(report.nowMs);
      for (const { event, nextExpiryAtMs } of report.events) {
        events.learn(event.number, event.id);
        gate.observe(event, nextExpiryAtMs, report.nowMs);
      }
      for (const reservation of report.reservations) gate.learn(reservation);
    },
  });
  const limits = options.rateLimits ?? defaultRateLimits;
  const services: Services = {
    database,
    desk,
    gate,
    outcomes: new OutcomeCounts(recorder),
    clock,
    events,
    keys: new KeyAuthenticator(database),
    buyerTokens: new BuyerTokens(secret, clock),
    log,
    demo,
    recorder,
    rateLimiter: new RateLimiter(limits, options.quotas ?? new LocalQuotas(limits)),
    trustedProxies: options.trustedProxies ?? [],
    isUnavailable: (error) => failureKindOf(error) === "unavailable",
  };
  const refresh = startGateRefresh(services, (error) =>
    warn("The gate could not be refreshed; trying again.", error),
  );
  let jobs: RunningJobs | null = null;
  const stop = async () => {
    const stopped = await Promise.allSettled([refresh.stop(), jobs?.stop(), desk.stop()]);
    for (const result of stopped)
      if (result.status === "rejected") warn("A part did not stop cleanly.", result.reason);
    await database.destroy();
  };
  const readGauges = () => readGaugesOf(desk, readPool);
  return {
    services,
    readGauges,
    beginJobs: () => (jobs = startJobs({ database, desk, connectionString }, warn)),
    stop,
  };
}

async function readEssentials(database: Database): Promise<{ clock: DatabaseClock; secret: Buffer }> {
  try {
    const clock = new DatabaseClock(await selectNow(database));
    return { clock, secret: await ensureSigningSecret(database, "buyer tokens") };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

function readGaugesOf(desk: Desk, readPool: WatchedDatabase["readPool"]): WorkerGauges {
  const { connections, connectionsMax, waiting } = readPool();
  return {
    queue_depth: desk.depth,
    pool_connections: connections,
    pool_max: connectionsMax,
    pool_waiting: waiting,
  };
}
