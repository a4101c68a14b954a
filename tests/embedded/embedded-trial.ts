// What the tests of the embedded server share: a temporary folder whose server is stopped at the end.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { onTestFinished } from "vitest";
import { isServerProcess, readPostmasterPid } from "../../api/store/embedded/read-postmaster-pid.ts";
import { startEmbeddedPostgres } from "../../api/store/embedded/start-embedded-postgres.ts";
import type { EmbeddedPostgres } from "../../api/store/embedded/start-embedded-postgres.ts";

export interface ChildReport {
  connectionString: string;
  dataDirectory: string;
  adopted: boolean;
  refusal?: string;
}

/** Ends the server of a data directory by a signal, if one runs, and waits until it is gone. */
export async function killServer(dataDirectory: string, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
  const state = await readPostmasterPid(dataDirectory);
  if (!("pid" in state) || state.kind === "reused") return;
  process.kill(state.pid, signal);
  await until(async () => !(await isServerProcess(state.pid, dataDirectory)));
}

/** Waits until a condition holds, looking often; fails after 20 seconds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error("the condition did not become true");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A new data folder; its server and its data outside, if any, are removed after the test. */
export function makeDataDir(options: { mode?: number } = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-embedded-")));
  chmodSync(folder, options.mode ?? 0o755);
  onTestFinished(async () => {
    const link = join(folder, "data", "postgres");
    // An orderly end; a killed server leaves a shared memory segment on the machine.
    await killServer(realpathOr(link), "SIGINT");
    try {
      rmSync(dirname(readlinkSync(link)), { recursive: true, force: true });
    } catch {
      // The data is in the folder itself.
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return join(folder, "data");
}

function realpathOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Starts the server in this process. What it says is collected. */
export async function start(dataDir: string): Promise<EmbeddedPostgres & { messages: string[] }> {
  const messages: string[] = [];
  const database = await startEmbeddedPostgres({ dataDir, log: (message) => messages.push(message) });
  onTestFinished(() => database.stop());
  return { ...database, messages };
}

/** Starts the server in a process of its own, and waits for what it reports. */
export async function startInChild(
  dataDir: string,
  options: { uid?: number; gid?: number } = {},
): Promise<{ child: ChildProcess; report: ChildReport }> {
  const script = join(import.meta.dirname, "start-in-child.ts");
  const child = spawn(process.execPath, [script, dataDir], {
    stdio: ["ignore", "pipe", "ignore"],
    cwd: "/",
    ...options,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { child, report: JSON.parse(String(line)) };
}

/** Runs one statement on a new connection. */
export async function query(connectionString: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query(statement)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
