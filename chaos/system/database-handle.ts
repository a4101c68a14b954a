import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { findEmbeddedPostgres } from "../../api/store/embedded/find-embedded-postgres.ts";
import { readPostmasterPid } from "../../api/store/embedded/read-postmaster-pid.ts";
import { ChaosError } from "../chaos-error.ts";
import { judgeRole } from "./keep-judge.ts";
import { childrenOf } from "./read-processes.ts";

/** Where a running database is. */
export interface FoundDatabase {
  readonly connectionString: string;
  readonly dataDirectory: string;
}

/** The database that a service keeps in its own data folder. @throws ChaosError when none runs there */
export async function findOwnDatabase(dataDir: string): Promise<FoundDatabase> {
  const found = await findEmbeddedPostgres({ dataDir });
  if (found === null) throw new ChaosError(`No database runs in ${dataDir}.`);
  return { ...found, dataDirectory: await realpath(join(dataDir, "postgres")) };
}

/** The first process of the server of a data directory; null while there is none. */
export async function postmasterOf(dataDirectory: string): Promise<number | null> {
  const state = await readPostmasterPid(dataDirectory).catch(() => null);
  switch (state?.kind) {
    case "ready":
    case "starting":
    case "stopping":
      return state.pid > 1 ? state.pid : null;
    case "absent":
    case "unclear":
    case "reused":
    case undefined:
      return null;
  }
}

/** Those of a server's processes that serve the service: its client connections, without the judge's. */
export async function backendsOf(dataDirectory: string): Promise<number[]> {
  const postmaster = await postmasterOf(dataDirectory);
  if (postmaster === null) return [];
  const children = await childrenOf(postmaster);
  // "postgres: holdfast holdfast 127.0.0.1(40000) idle": the role comes first, and background processes have no address.
  const isBackend = /^postgres: (\S+) \S+ \d+\.\d+\.\d+\.\d+\(\d+\)/;
  return children.flatMap(({ pid, title }) => {
    const role = isBackend.exec(title)?.[1];
    return role === undefined || role === judgeRole ? [] : [pid];
  });
}
