import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Desk } from "./desk/desk.ts";
import { Gate } from "./desk/gate.ts";
import { KeyAuthenticator } from "./features/access/authenticate-key.ts";
import { BuyerTokens } from "./features/access/buyer-tokens.ts";
import { EventLocator } from "./features/reservations/locate-event.ts";
import { createApp } from "./http/create-app.ts";
import { RateLimiter, type RateLimits } from "./http/limit-rate.ts";
import { listen } from "./http/listen.ts";
import type { Services } from "./http/services.ts";
import { startRecordDeletion } from "./jobs/delete-old-records.ts";
import { startGateRefresh } from "./jobs/refresh-gate.ts";
import { startSweeper } from "./jobs/sweep-overdue-holds.ts";
import { DatabaseClock } from "./kernel/clock.ts";
import { makeReservationId } from "./kernel/ids.ts";
import type { Log } from "./kernel/log.ts";
import { type Database, openDatabase } from "./store/open-database.ts";
import { selectNow } from "./store/select-now.ts";
import { ensureSigningSecret } from "./store/signing-secrets.ts";
import { failureKindOf } from "./store/sqlstate.ts";

/** Connections for everything but the desk. Few: waiting belongs in this process, not in the database. */
const poolMax = 4;
/** Requests that are still being served when the service stops have this long. */
const drainMaxMs = 8_000;

export interface WorkerOptions {
  readonly connectionString: string;
  readonly demo: boolean;
  readonly log: Log;
  readonly rateLimits?: RateLimits;
  readonly trustedProxies?: readonly string[];
}

/** Generous to a household behind one address, and to a buyer who reloads in panic. */
const defaultRateLimits: RateLimits = { anonymousMax: 1_000, buyerMax: 200 };

export interface Worker {
  /** Where the public listener can be reached. */
  readonly url: string;
  /** Serves what has been asked, refuses the rest, and lets go of everything. */
  stop(): Promise<void>;
}

/** Puts the service together and serves the public listener. The schema must be up to date. */
export async function startWorker(
  options: WorkerOptions & { readonly host: string; readonly port: number },
): Promise<Worker> {
  const { services, stop: stopServices } = await assembleServices(options);
  try {
    const { host, port } = options;
    const server = await listen(createApp(services), { host, port, setting: "PORT" });
    return {
      url: urlOf(server, host),
      stop: async () => {
        await closeServer(server);
        await stopServices();
      },
    };
  } catch (error) {
    await stopServices();
    throw error;
  }
}

/** Builds everything behind the listener, with its background loops running. */
export async function assembleServices(
  options: WorkerOptions,
): Promise<{ services: Services; stop: () => Promise<void> }> {
  const { connectionString, log, demo } = options;
  const warn = (message: string, error: unknown) => log.warn({ err: error }, message);
  const onLost = (error: Error) => warn("A database connection was lost.", error);
  const database = openDatabase({ connectionString, connectionsMax: poolMax, onLost });
  const { clock, secret } = await readEssentials(database);
  const gate = new Gate();
  const events = new EventLocator(database);
  const desk = new Desk({
    connectionString,
    makeId: makeReservationId,
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
  const services: Services = {
    database,
    desk,
    gate,
    clock,
    events,
    keys: new KeyAuthenticator(database),
    buyerTokens: new BuyerTokens(secret, clock),
    log,
    demo,
    rateLimiter: new RateLimiter(options.rateLimits ?? defaultRateLimits),
    trustedProxies: options.trustedProxies ?? [],
    isUnavailable: (error) => failureKindOf(error) === "unavailable",
  };
  const loops = [
    startSweeper(services, (error) => warn("Overdue holds could not be swept; trying again.", error)),
    startGateRefresh(services, (error) => warn("The gate could not be refreshed; trying again.", error)),
    startRecordDeletion(database, (error) =>
      warn("Old idempotency records could not be deleted; trying again.", error),
    ),
  ];
  const stop = async () => {
    const stopped = await Promise.allSettled([...loops.map((loop) => loop.stop()), desk.stop()]);
    for (const result of stopped)
      if (result.status === "rejected") warn("A part did not stop cleanly.", result.reason);
    await database.destroy();
  };
  return { services, stop };
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

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Stops taking connections, lets requests in progress finish, and cuts off what takes too long. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Requests that were under way leave their connections open behind them.
  const closeIdle = setInterval(() => server.closeIdleConnections(), 50);
  const cutOff = setTimeout(() => server.closeAllConnections(), drainMaxMs);
  await closed;
  clearInterval(closeIdle);
  clearTimeout(cutOff);
}
