import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BenchError } from "../bench-error.ts";
import { waitUntil } from "./wait-until.ts";

const projectFolder = resolve(import.meta.dirname, "../..");
const startMaxMs = 30_000;
/** Longer than the service may take to stop. */
const stopMaxMs = 12_000;
const greetingPollMs = 10;
const stderrKept = 4_000;

/** What a measurement sets; everything else is as an operator gets it. */
export interface ServiceSettings {
  readonly workersMin: number;
  readonly workersMax: number;
  /** Requests per second and worker; the service's own limits when absent. */
  readonly scaleUpRps?: number;
  readonly scaleDownRps?: number;
  /** Lets webhooks go to this machine. */
  readonly allowPrivateAddresses?: boolean;
}

/** The whole service, supervisor and workers, in processes of its own. */
export interface Service {
  /** The port of the public listener. */
  readonly port: number;
  /** Where the operations listener can be reached. */
  readonly opsUrl: string;
  /** The supervisor's. */
  readonly pid: number;
  /** What the service wrote about its end; null while it runs. */
  ending(): string | null;
  stop(): Promise<void>;
}

/**
 * Starts the service the way `npm start` does.
 *
 * @throws BenchError when it does not start
 */
export async function startService(
  connectionString: string,
  settings: ServiceSettings,
  signal: AbortSignal,
): Promise<Service> {
  signal.throwIfAborted();
  const dataDir = await mkdtemp(join(tmpdir(), "holdfast-bench-service-"));
  const child = spawn(process.execPath, ["scripts/run.mjs", "api/main.ts"], {
    cwd: projectFolder,
    env: environmentOf(connectionString, dataDir, settings),
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C is meant for the bench, which then stops its services in order.
    detached: true,
  });
  const output = collectOutput(child);
  const ended = once(child, "close").catch(() => {});
  let isOver = false;
  void ended.then(() => (isOver = true));
  const ending = () => (isOver ? `The service ended. ${output.stderr()}`.trim() : null);
  const stop = async () => {
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), stopMaxMs);
    await ended;
    clearTimeout(force);
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    return { ...(await readGreeting(output, ending, signal)), pid: child.pid ?? 0, ending, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environmentOf(
  connectionString: string,
  dataDir: string,
  { workersMin, workersMax, scaleUpRps, scaleDownRps, allowPrivateAddresses = false }: ServiceSettings,
): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOST: "127.0.0.1",
    PORT: "0",
    OPS_PORT: "0",
    ROLE: "all",
    LOG_LEVEL: "warn",
    DEMO: "0",
    HOLDFAST_ADMIN_KEY: "",
    TRUSTED_PROXIES: "",
    DATABASE_URL: connectionString,
    DATA_DIR: dataDir,
    WORKERS_MIN: String(workersMin),
    WORKERS_MAX: String(workersMax),
    SCALE_UP_RPS: scaleUpRps === undefined ? "" : String(scaleUpRps),
    WEBHOOKS_ALLOW_PRIVATE: allowPrivateAddresses ? "1" : "0",
    SCALE_DOWN_RPS: scaleDownRps === undefined ? "" : String(scaleDownRps),
    // As under npm: the service stops when the process that started it is gone, however that ended.
    npm_lifecycle_event: "start",
  };
}

interface Output {
  stdout(): string;
  stderr(): string;
}

/** Keeps all of the greeting, and the end of what may be a long list of complaints. */
function collectOutput(child: ChildProcess): Output {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (text) => (stdout += text));
  child.stderr?.on("data", (text) => (stderr = (stderr + text).slice(-stderrKept)));
  child.on("error", (error) => (stderr += error.message));
  return { stdout: () => stdout, stderr: () => stderr };
}

async function readGreeting(
  output: Output,
  ending: () => string | null,
  signal: AbortSignal,
): Promise<{ port: number; opsUrl: string }> {
  const greeting = await waitUntil(
    () => {
      const end = ending();
      if (end !== null) throw new BenchError(end);
      return output.stdout().includes("Ctrl-C") && output.stdout();
    },
    { everyMs: greetingPollMs, limitMs: startMaxMs, signal },
  );
  if (greeting === null) throw new BenchError(`The service did not start in time. ${output.stderr()}`);
  const url = /API +(http:\S+)\/v1/.exec(greeting)?.[1];
  const opsUrl = /Dashboard +(http:\S+)/.exec(greeting)?.[1];
  if (url === undefined || opsUrl === undefined)
    throw new BenchError(`The service's greeting lacks an address: ${greeting}`);
  return { port: Number(new URL(url).port), opsUrl };
}
