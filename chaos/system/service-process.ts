import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { ChaosError } from "../chaos-error.ts";
import { keepTail } from "./keep-tail.ts";
import { waitUntil } from "./wait-until.ts";

const projectFolder = resolve(import.meta.dirname, "../..");
const startMaxMs = 60_000;
/** Longer than a service may take to stop. */
const stopMaxMs = 15_000;

/** A service as an operator starts it: a supervisor, and what it starts. */
export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #output: () => string;
  readonly #log: () => string;
  readonly #ended: Promise<void>;
  #isOver = false;

  /** @param environment all of it; nothing is inherited but what it holds */
  constructor(environment: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, ["scripts/run.mjs", "api/main.ts"], {
      cwd: projectFolder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C is meant for the run, which then stops its services in order.
      detached: true,
    });
    this.#output = keepTail(this.#child.stdout);
    this.#log = keepTail(this.#child.stderr);
    this.#ended = new Promise((settle) => {
      const end = () => {
        this.#isOver = true;
        settle();
      };
      this.#child.once("exit", end);
      this.#child.once("error", end);
    });
  }

  /** The supervisor's own; 0 when it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether the supervisor has ended, and was collected. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get log(): string {
    return this.#log();
  }

  /** Waits until it sells. @throws ChaosError when it ends, or takes too long */
  async ready(signal: AbortSignal): Promise<void> {
    const isReady = await waitUntil(
      () => this.#isOver || this.#output().includes("Ctrl-C"),
      startMaxMs,
      signal,
    );
    if (this.#isOver) throw new ChaosError(`The service ended when it was started. ${this.log}`);
    if (isReady === null) throw new ChaosError(`The service did not start in time. ${this.log}`);
  }

  /** Sends a signal to the supervisor, unless it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#isOver) this.#child.kill(signal);
  }

  /** Waits for the supervisor's end. @returns false when it did not come within the limit */
  async ended(limitMs: number): Promise<boolean> {
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<void>((settle) => {
      limit = setTimeout(settle, limitMs);
    });
    await Promise.race([this.#ended, late]);
    clearTimeout(limit);
    return this.#isOver;
  }

  /** Lets it finish what it does, and ends it by force when that takes too long. */
  async stop(): Promise<void> {
    this.signal("SIGTERM");
    if (await this.ended(stopMaxMs)) return;
    this.signal("SIGKILL");
    await this.#ended;
  }
}
