import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "pg";
import { createClient, endClient } from "./connect-to-server.ts";
import { EmbeddedPostgresError, readErrorMessage } from "./embedded-postgres-error.ts";

/** The right of one service to use a data directory, held as an advisory lock on its server. */
export interface Claim {
  /**
   * Whether another service has the claim now. It can only get it while the database was away.
   * Asks the server; when that cannot answer, the claim counts as nobody else's.
   */
  isTakenByAnother(): Promise<boolean>;
  /** Gives the claim up and ends the background work. Never throws. */
  release(): Promise<void>;
}

export interface ClaimOptions {
  connectionString: string;
  /** Only named in messages. */
  dataDir: string;
  log: (message: string) => void;
  signal?: AbortSignal | undefined;
}

/** The two numbers of the lock: "hold" in ASCII, and 1. */
const LOCK_CLASS = 0x686f6c64;
const LOCK_OBJECT = 1;

/** After kill -9 of a service, its connection needs a moment to disappear from the server. */
const CLAIM_WAIT_MS = 2_000;
const CLAIM_POLL_MS = 100;
const RECONNECT_MS_MIN = 100;
const RECONNECT_MS_MAX = 2_000;

type Attempt = { kind: "held"; client: Client } | { kind: "taken"; by: string | undefined };

/** Takes the lock if it is free. Throws when the server cannot be asked. */
async function tryClaim(connectionString: string): Promise<Attempt> {
  const client = createClient(connectionString, `holdfast service ${process.pid}`);
  try {
    await client.connect();
    await client.query("set idle_session_timeout = 0");
    const lock = [LOCK_CLASS, LOCK_OBJECT];
    const taken = await client.query<{ held: boolean }>("select pg_try_advisory_lock($1, $2) as held", lock);
    if (taken.rows[0]?.held === true) return { kind: "held", client };
    const owner = await client.query<{ application_name: string }>(
      `select activity.application_name from pg_locks
       join pg_stat_activity activity using (pid)
       where locktype = 'advisory' and granted and classid = $1 and objid = $2 and objsubid = 2`,
      lock,
    );
    await endClient(client);
    return { kind: "taken", by: /\d+$/.exec(owner.rows[0]?.application_name ?? "")?.[0] };
  } catch (error) {
    await endClient(client);
    throw error;
  }
}

function refusal(by: string | undefined, dataDir: string): EmbeddedPostgresError {
  const owner = by === undefined ? "" : ` (process ${by})`;
  return new EmbeddedPostgresError(
    `Another Holdfast service${owner} already uses DATA_DIR ${dataDir}: stop it or set DATA_DIR to another folder.`,
  );
}

/** The first claim: tries for 2 seconds. */
async function claimFirst(options: ClaimOptions): Promise<Client> {
  const deadlineMs = performance.now() + CLAIM_WAIT_MS;
  for (;;) {
    options.signal?.throwIfAborted();
    let failure: EmbeddedPostgresError;
    try {
      const attempt = await tryClaim(options.connectionString);
      if (attempt.kind === "held") return attempt.client;
      failure = refusal(attempt.by, options.dataDir);
    } catch (error) {
      failure = new EmbeddedPostgresError(
        `The embedded PostgreSQL of ${options.dataDir} could not be asked who uses it: ${readErrorMessage(error)}.`,
      );
    }
    if (performance.now() > deadlineMs) throw failure;
    await wait(CLAIM_POLL_MS);
  }
}

/**
 * Makes sure that only one service uses a data directory. When the connection that holds the claim is lost, as
 * it is whenever the database restarts, it is taken again in the background until `release`.
 * @throws {EmbeddedPostgresError} When another service has it; the message names that process.
 */
export async function claimDataDirectory(options: ClaimOptions): Promise<Claim> {
  const { connectionString, log } = options;
  const released = new AbortController();
  let client: Client | undefined;

  const claimAgain = async (): Promise<void> => {
    let pauseMs = RECONNECT_MS_MIN;
    let told = false;
    while (!released.signal.aborted) {
      await wait(pauseMs, undefined, { signal: released.signal }).catch(() => undefined);
      if (released.signal.aborted) return;
      pauseMs = Math.min(pauseMs * 2, RECONNECT_MS_MAX);
      try {
        const attempt = await tryClaim(connectionString);
        if (attempt.kind === "held") return keep(attempt.client);
        if (!told) log(refusal(attempt.by, options.dataDir).message);
        told = true;
      } catch {
        // The database is still away; its watch says so.
      }
    }
  };

  const keep = (held: Client): void => {
    if (released.signal.aborted) {
      void endClient(held);
      return;
    }
    client = held;
    held.once("end", () => {
      if (client === held) client = undefined;
      if (!released.signal.aborted) void claimAgain();
    });
  };

  keep(await claimFirst(options));
  return {
    isTakenByAnother: async () => {
      if (client !== undefined) return false;
      try {
        const attempt = await tryClaim(connectionString);
        if (attempt.kind === "held") await endClient(attempt.client);
        // Our own attempt to take it again may have got it a moment ago.
        return attempt.kind === "taken" && attempt.by !== String(process.pid);
      } catch {
        return false;
      }
    },
    release: async () => {
      released.abort();
      if (client !== undefined) await endClient(client);
    },
  };
}
