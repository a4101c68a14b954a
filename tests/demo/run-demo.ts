import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { waitFor } from "../support/wait-for.ts";

const mainFile = resolve(import.meta.dirname, "../../demo/main.ts");
/** Longer than any rehearsal of these tests. */
const exitMaxMs = 80_000;
/** Nothing listens there, so that a test never meets a service that somebody else runs. */
const nowhere = "http://127.0.0.1:1";

export interface DemoExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The demo in a process of its own, started as `npm run demo` starts it. */
export class DemoProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<DemoExit>;
  #stdout = "";
  #stderr = "";

  constructor(flags: readonly string[], settings: Readonly<Record<string, string>> = {}) {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(?:DEMO_|HOLDFAST_ADMIN_KEY|DATA_DIR|FORCE_COLOR)/.test(name),
    );
    this.#child = spawn(process.execPath, [mainFile, ...flags], {
      env: {
        ...Object.fromEntries(own),
        DEMO_URL: nowhere,
        DEMO_OPS_URL: nowhere,
        // Without one, the key of a service that runs on this machine would be found.
        DATA_DIR: "/nonexistent",
        ...settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (text) => (this.#stdout += text));
    this.#child.stderr?.on("data", (text) => (this.#stderr += text));
    this.#exited = once(this.#child, "close").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  /** Waits until something has been written to stderr. */
  async told(pattern: RegExp): Promise<void> {
    const look = () => {
      if (pattern.test(this.#stderr)) return true;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`The demo ended before it said ${pattern}: ${this.#stderr}`);
      return false;
    };
    await waitFor(`the demo to say ${pattern}`, look, 30_000);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async exited(): Promise<DemoExit> {
    const limit = setTimeout(() => this.#child.kill("SIGKILL"), exitMaxMs);
    const exit = await this.#exited;
    clearTimeout(limit);
    return exit;
  }
}

/** Runs the demo to its end. */
export function runDemo(
  flags: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<DemoExit> {
  return new DemoProcess(flags, settings).exited();
}

/** The characters in a text that a terminal would obey, except the end of a line. */
export function controlCharactersOf(text: string): string[] {
  return text.replaceAll("\n", "").match(/\p{Cc}/gu) ?? [];
}
