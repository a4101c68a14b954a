import { availableParallelism, cpus, totalmem } from "node:os";
import type pg from "pg";
import { BenchError } from "../bench-error.ts";
import type { DatabaseServer } from "../database/open-server.ts";

/** What the figures were measured on. */
export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly cpuModel: string;
  readonly cpuCount: number;
  readonly memoryMib: number;
  readonly postgres: string;
  readonly postgresOrigin: DatabaseServer["origin"];
  readonly settings: Readonly<Record<SettingName, string>>;
}

const settingNames = [
  "fsync",
  "synchronous_commit",
  "full_page_writes",
  "wal_sync_method",
  "shared_buffers",
  "max_wal_size",
] as const;
type SettingName = (typeof settingNames)[number];

/** @throws BenchError when the server does not wait for its disk: such figures would mean nothing */
export async function readMachine(server: pg.Client, origin: DatabaseServer["origin"]): Promise<Machine> {
  const settings = await readSettings(server);
  for (const name of ["fsync", "synchronous_commit"] as const) {
    if (settings[name] === "off") {
      throw new BenchError(
        `The server has ${name} = off, so its commits are not on disk; set it to on to measure.`,
      );
    }
  }
  const { rows } = await server.query<{ version: string }>(
    "select current_setting('server_version') as version",
  );
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpuModel: cpus()[0]?.model.trim() ?? "unknown",
    cpuCount: availableParallelism(),
    memoryMib: Math.round(totalmem() / 2 ** 20),
    postgres: rows[0]?.version ?? "unknown",
    postgresOrigin: origin,
    settings,
  };
}

async function readSettings(server: pg.Client): Promise<Record<SettingName, string>> {
  const { rows } = await server.query<{ name: SettingName; value: string }>(
    "select name, current_setting(name) as value from pg_settings where name = any($1)",
    [settingNames],
  );
  const values = new Map(rows.map(({ name, value }) => [name, value]));
  return Object.fromEntries(settingNames.map((name) => [name, values.get(name) ?? "unknown"])) as Record<
    SettingName,
    string
  >;
}
