import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { waitFor } from "./wait-for.ts";

const mainFile = resolve(import.meta.dirname, "../../api/main.ts");
/** Longer than a service may take to stop. */
const exitMaxMs = 20_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ReadyService {
  readonly url: string;
  readonly opsUrl: string;
  readonly adminKey: string;
  readonly greeting: string;
}

/** A service in a process of its own, started as an operator starts it. */
export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<Exit>;
  #stdout = "";
  #stderr = "";

  constructor(settings: Readonly<Record<string, string>>, flags: readonly string[] = []) {
    const { DATABASE_URL: _, ...environment } = process.env;
    this.#child = spawn(process.execPath, [mainFile, ...flags], {
      env: { ...environment, PORT: "0", OPS_PORT: "0", LOG_LEVEL: "warn", ...settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // A run that breaks off must not leave a service behind.
    const abandon = () => void this.#child.kill("SIGKILL");
    process.once("exit", abandon);
    this.#child.once("exit", () => process.off("exit", abandon));
    this.#child.stdout?.on("data", (text) => (this.#stdout += text));
    this.#child.stderr?.on("data", (text) => (this.#stderr += text));
    this.#exited = once(this.#child, "close").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  /** The supervisor's own. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("The service could not be started.");
    return pid;
  }

  /** Waits until it sells. @returns where, and the key that it shows; `url` is empty where nothing is sold */
  async ready(limitMs = 30_000): Promise<ReadyService> {
    const greeting = await waitFor(
      "the service to sell",
      () => {
        if (this.#child.exitCode !== null) throw new Error(`The service ended: ${this.#stderr}`);
        return /Ctrl-C/.test(this.#stdout) && this.#stdout;
      },
      limitMs,
    );
    const url = /API +(http:\S+)\/v1/.exec(greeting)?.[1] ?? "";
    const opsUrl = /Dashboard +(http:\S+)/.exec(greeting)?.[1];
    const adminKey = /Admin key +(.+)/.exec(greeting)?.[1];
    if (opsUrl === undefined || adminKey === undefined)
      throw new Error(`The greeting lacks something: ${greeting}`);
    return { url, opsUrl, adminKey, greeting };
  }

  /** Sends a signal. @returns how the process ended */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    this.#child.kill(signal);
    return this.exited();
  }

  async exited(): Promise<Exit> {
    const tooLate = new AbortController();
    const limit = wait(exitMaxMs, null, { signal: tooLate.signal }).catch(() => null);
    const exit = await Promise.race([this.#exited, limit]);
    tooLate.abort();
    if (exit !== null) return exit;
    this.#child.kill("SIGKILL");
    throw new Error(`The service did not end within ${exitMaxMs} ms: ${this.#stderr}`);
  }
}

/** Runs the service until it ends by itself. */
export function runService(
  settings: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<Exit> {
  return new ServiceProcess(settings, flags).exited();
}

/** The process id of the database server in a data folder; null when there is none. */
export async function readPostmasterPid(dataDir: string): Promise<number | null> {
  const text = await readFile(resolve(dataDir, "postgres/postmaster.pid"), "utf8").catch(() => "");
  const pid = Number(text.split("\n")[0]);
  return Number.isInteger(pid) && pid > 1 ? pid : null;
}

/** Ends the database server that a killed service has left in a data folder, if there is one. */
export async function stopLeftDatabase(dataDir: string): Promise<void> {
  const pid = await readPostmasterPid(dataDir);
  if (pid === null) return;
  const isAlive = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  if (isAlive()) process.kill(pid, "SIGQUIT");
  await waitFor("the database to stop", () => !isAlive());
}
