import { setTimeout as wait } from "node:timers/promises";
import type { Answer } from "../answer.ts";
import { cartCalls } from "../cart-calls.ts";
import { createClient, type Send } from "../http-client.ts";
import { openSale, type Sale } from "../open-sale.ts";
import { openTestDatabase, type TestDatabase } from "../open-test-database.ts";
import { waitFor } from "../wait-for.ts";
import { KillPointProxy } from "./kill-point-proxy.ts";
import type { Killer } from "./sweep-kill-points.ts";

/** What is killed at a point: the worker, which the supervisor replaces, or the supervisor and its worker. */
export type Victims = "worker" | "everything";

/** A service that reaches its database through a proxy that can kill it at any statement. */
export interface KillableSale extends Killer {
  readonly database: TestDatabase;
  readonly proxy: KillPointProxy;
  readonly sale: Sale;
  readonly send: Send;
  readonly calls: ReturnType<typeof cartCalls>;
  /** How often something was killed. */
  readonly kills: number;
  /** Sends the same request until there is an answer that settles it. */
  persist(ask: () => Promise<Answer>): Promise<Answer>;
  /** Waits for what jobs bring about, while no job waits for its time or for hands that are dead. */
  until<Found>(what: string, look: () => Promise<Found>): Promise<Exclude<Found, null | undefined | false>>;
  close(): Promise<void>;
}

const persistMaxMs = 30_000;
const untilMaxMs = 40_000;

/** Starts a service with one worker. */
export async function openKillableSale(
  victims: Victims,
  settings: Readonly<Record<string, string>> = {},
): Promise<KillableSale> {
  const database = await openTestDatabase();
  const proxy = await KillPointProxy.start(database.connectionString);
  const sale = await openSale(proxy, { WORKERS_MIN: "1", WORKERS_MAX: "1", DEMO: "1", ...settings });
  const send = createClient(sale.url);
  const calls = cartCalls({ send, keys: { service: sale.adminKey, admin: sale.adminKey, observer: "" } });
  const moveJobs = createJobMover(database);
  let [worker = -1] = await sale.watch.awaitReady(1);
  let kills = 0;
  let recovery: Promise<void> = Promise.resolve();
  const recover = async () => {
    await moveJobs.noteDeaths();
    if (victims === "everything") {
      await sale.service().exited();
      await sale.restart();
    }
    worker = await awaitAnotherWorker(sale, worker);
  };
  return {
    database,
    proxy,
    sale,
    send,
    calls,
    get kills() {
      return kills;
    },
    kill: () => {
      kills += 1;
      // The supervisor first, so that it cannot start another worker.
      if (victims === "everything") process.kill(sale.service().pid, "SIGKILL");
      process.kill(worker, "SIGKILL");
      recovery = recover();
      // Whoever waits for it hears of its failure.
      recovery.catch(() => {});
    },
    recovered: () => recovery,
    persist: (ask) => persist(ask, () => recovery),
    until: (what, look) =>
      waitFor(
        what,
        async () => {
          await recovery;
          const found = await look();
          if (found === null || found === undefined || found === false) await moveJobs.hurry();
          return found;
        },
        untilMaxMs,
      ),
    close: async () => {
      await recovery.catch(() => {});
      await sale.close();
      await proxy.close();
      await database.close();
    },
  };
}

async function awaitAnotherWorker(sale: Sale, killed: number): Promise<number> {
  return waitFor(
    "another worker",
    async () => {
      const pids = await sale.watch.readyPids().catch(() => []);
      return pids.length === 1 && pids[0] !== killed && pids[0];
    },
    persistMaxMs,
  );
}

async function persist(ask: () => Promise<Answer>, recovery: () => Promise<void>): Promise<Answer> {
  let last = "no answer";
  const look = async () => {
    await recovery();
    const answer = await ask().catch((error: unknown) => void (last = String(error)));
    if (answer === undefined) return null;
    last = `${answer.status} ${answer.text}`;
    const isSettled = answer.status < 500 && !answer.text.includes("idempotency_in_progress");
    return isSettled && answer;
  };
  try {
    return await waitFor("an answer that settles it", look, persistMaxMs);
  } catch (error) {
    throw new Error(`The last answer was: ${last}`, { cause: error });
  }
}

function createJobMover(database: TestDatabase) {
  let deathsAt: Date | null = null;
  return {
    noteDeaths: async () => {
      const [row] = await database.query<{ now: Date }>("select clock_timestamp() as now");
      deathsAt = row?.now ?? null;
    },
    hurry: async () => {
      await wait(20);
      await database.query(
        "update pgboss.job set start_after = now() where state in ('created', 'retry') and start_after > now()",
      );
      // Who took a job before the last deaths is dead. That the queue finds out by itself, within 15 s, has a test of
      // its own; here that would take most of the time.
      await database.query(
        `update pgboss.job set state = 'retry', retry_count = retry_count + 1, start_after = now()
         where state = 'active' and started_on < $1`,
        [deathsAt],
      );
    },
  };
}
