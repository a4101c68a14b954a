import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Address } from "./connection.ts";
import { RunError } from "./run-error.ts";
import { ServiceLog } from "./service-log.ts";

const projectFolder = resolve(import.meta.dirname, "../..");
/** Building the pages, and making the database. */
const startMaxMs = 120_000;
/** Longer than the service may take to stop. */
const stopMaxMs = 15_000;
const auditMaxMs = 60_000;

/** With which Stripe's messages are signed, as far as this run goes. Nothing is ever asked of Stripe. */
export const stripeSecret = "whsec_bm90IGEgc2VjcmV0IGJ1dCBhIHRlc3Q";

/** The service that is attacked: the whole of it, in processes of its own, in a folder of its own. */
export class TargetService {
  readonly dataDir: string;
  readonly log = new ServiceLog();
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stdout = "";
  #isOver = false;
  #isStopping = false;

  private constructor(dataDir: string, workers: number) {
    this.dataDir = dataDir;
    this.#child = spawn(process.execPath, ["scripts/run.mjs", "api/main.ts"], {
      cwd: projectFolder,
      env: environmentOf(dataDir, workers),
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C is meant for the run, which then stops its service in order.
      detached: true,
    });
    this.#child.stdout?.on("data", (text) => (this.#stdout += text));
    this.#child.stderr?.on("data", (text) => this.log.take(String(text)));
    this.#child.on("error", (error) => this.log.take(`${error.message}\n`));
    this.#ended = once(this.#child, "close").catch(() => {});
    void this.#ended.then(() => (this.#isOver = true));
  }

  /** @throws RunError when it does not sell in time */
  static async start(workers: number, signal: AbortSignal): Promise<TargetService> {
    const dataDir = await mkdtemp(join(tmpdir(), "holdfast-bad-requests-"));
    const service = new TargetService(dataDir, workers);
    try {
      await service.#waitUntilSelling(signal);
      service.log.startCounting();
      return service;
    } catch (error) {
      await service.stop();
      throw error;
    }
  }

  get publicAddress(): Address {
    return addressOf(/API +(http:\S+)\/v1/.exec(this.#stdout)?.[1]);
  }

  get operationsAddress(): Address {
    return addressOf(/Dashboard +(http:\S+)/.exec(this.#stdout)?.[1]);
  }

  get adminKey(): string {
    return /Admin key +(.+)/.exec(this.#stdout)?.[1] ?? "";
  }

  /** Whether it has ended before it was told to. */
  get isGone(): boolean {
    return this.#isOver && !this.#isStopping;
  }

  /** Recounts stock and orders. @returns what the recount says, and whether all adds up */
  async audit(): Promise<{ readonly holds: boolean; readonly text: string }> {
    const child = spawn(process.execPath, ["scripts/run.mjs", "api/audit-stock.ts"], {
      cwd: projectFolder,
      env: { ...process.env, DATABASE_URL: "", DATA_DIR: this.dataDir },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: auditMaxMs,
    });
    let text = "";
    child.stdout.on("data", (part) => (text += part));
    child.stderr.on("data", (part) => (text += part));
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0 && code !== 3) throw new RunError(`The stock could not be recounted: ${text.trim()}`);
    return { holds: code === 0, text: text.trim() };
  }

  /** Ends it and removes its folder. @returns false when it had to be ended by force */
  async stop(): Promise<boolean> {
    this.#isStopping = true;
    let wasForced = false;
    if (!this.#isOver) this.#child.kill("SIGTERM");
    const force = setTimeout(() => {
      wasForced = true;
      this.#child.kill("SIGKILL");
    }, stopMaxMs);
    await this.#ended;
    clearTimeout(force);
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    return !wasForced;
  }

  async #waitUntilSelling(signal: AbortSignal): Promise<void> {
    const untilMs = performance.now() + startMaxMs;
    while (!this.#stdout.includes("Ctrl-C")) {
      if (this.#isOver) throw new RunError(`The service did not start. ${this.log.tail()}`);
      if (performance.now() > untilMs)
        throw new RunError(`The service did not start in time. ${this.log.tail()}`);
      await wait(20, null, { signal });
    }
  }
}

/** What a process of the service may have of old memory: one that keeps what it should let go ends with an error. */
const oldSpaceMib = 160;

/** Everything is switched on that does not speak to anybody outside of this machine. */
function environmentOf(dataDir: string, workers: number): NodeJS.ProcessEnv {
  const passed = Object.entries(process.env).filter(
    ([name]) => !/^(?:SMS|SMTP|STRIPE|DEMO|PUBLIC|NODE_OPTIONS)/.test(name),
  );
  return {
    ...Object.fromEntries(passed),
    HOST: "127.0.0.1",
    PORT: "0",
    OPS_PORT: "0",
    ROLE: "all",
    LOG_LEVEL: "warn",
    DATABASE_URL: "",
    DATA_DIR: dataDir,
    HOLDFAST_ADMIN_KEY: "",
    WORKERS_MIN: String(workers),
    WORKERS_MAX: String(workers),
    DEMO: "1",
    PUBLIC_SIGNUP: "1",
    DEMO_SUPPLIER_FAILURE_RATE: "0",
    STRIPE_SECRET_KEY: "sk_test_nothing",
    STRIPE_WEBHOOK_SECRET: stripeSecret,
    WEBHOOKS_ALLOW_PRIVATE: "1",
    // Requests then come from as many addresses as the run likes.
    TRUSTED_PROXIES: "127.0.0.1",
    // With room to spare, nothing is collected before there is need to, and a process grows without keeping anything.
    NODE_OPTIONS: `--max-old-space-size=${oldSpaceMib}`,
    // As under npm: the service stops when the process that started it is gone, however that ended.
    npm_lifecycle_event: "start",
  };
}

function addressOf(url: string | undefined): Address {
  if (url === undefined) throw new RunError("The service's greeting lacks an address.");
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
