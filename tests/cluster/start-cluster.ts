import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { ClusterEvents, ClusterOptions, ClusterSnapshot, WorkerSnapshot } from "node-cluster-autoscale";
import { waitFor } from "../support/wait-for.ts";

const primaryFile = resolve(import.meta.dirname, "programs/primary.ts");

/** Everything happens ten times as fast as by default, and little load is much. */
const quick: Omit<ClusterOptions, "exec"> = {
  min: 1,
  max: 3,
  reportEveryMs: 50,
  decideEveryMs: 200,
  startMaxMs: 10_000,
  drainMaxMs: 4_000,
  hungAfterMs: 3_000,
  backOff: { firstMs: 200, maxMs: 1_000, healthyAfterMs: 500 },
  scaling: {
    upRequestsPerSecond: 100,
    downRequestsPerSecond: 40,
    upLagMs: 10_000,
    coolDownMs: 500,
    // The machine that runs all tests at once is full, and is meant to scale all the same.
    cores: 64,
  },
};

export type TestClusterOptions = Partial<Omit<ClusterOptions, "exec">>;

/** What the events tell, and when they were told on the primary's clock. */
export type Told = { [Name in keyof ClusterEvents]: ClusterEvents[Name][0] & { readonly atMs: number } };

interface Message {
  readonly event?: keyof ClusterEvents;
  readonly answer?: string;
  readonly value?: unknown;
}

/** A cluster in processes of its own, watched from outside. */
export class TestCluster {
  readonly url: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #messages: Message[] = [];
  readonly #pids = new Set<number>();
  output = "";

  private constructor(child: ChildProcess, port: number, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    child.on("message", (message) => {
      this.#messages.push(message as Message);
      if ("pid" in (message as object)) this.#pids.add((message as { pid: number }).pid);
    });
    child.stdout?.on("data", (text) => (this.output += text));
    child.stderr?.on("data", (text) => (this.output += text));
  }

  /** @param env what the workers find in their environment */
  static async create(
    options: TestClusterOptions = {},
    env: Record<string, string> = {},
  ): Promise<TestCluster> {
    const port = await findFreePort();
    const folder = await mkdtemp(join(tmpdir(), "cluster-test-"));
    const workerEnv = { PORT: String(port), TRIGGER: join(folder, "trigger"), ...env };
    const child = spawn(process.execPath, [primaryFile], {
      env: { ...process.env, OPTIONS: JSON.stringify({ ...quick, ...options, env: workerEnv }) },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    return new TestCluster(child, port, folder);
  }

  /** Creates a cluster and waits until its workers are ready. */
  static async start(
    options: TestClusterOptions = {},
    env: Record<string, string> = {},
  ): Promise<TestCluster> {
    const cluster = await TestCluster.create(options, env);
    const started = await cluster.ask("start");
    if (started !== "started") {
      await cluster.close();
      throw new Error(`The cluster did not start: ${String(started)} ${cluster.output}`);
    }
    return cluster;
  }

  get primary(): ChildProcess {
    return this.#child;
  }

  /** Makes workers behave as their MODE says, or well again. */
  async trigger(isOn: boolean): Promise<void> {
    const file = join(this.#folder, "trigger");
    await (isOn ? writeFile(file, "") : rm(file));
  }

  async ask(question: string, details: { id?: number; message?: unknown } = {}): Promise<unknown> {
    const isAnswer = (message: Message) => message.answer === question;
    const before = this.#messages.filter(isAnswer).length;
    this.#child.send({ ask: question, ...details });
    const answer = await waitFor(
      `an answer to "${question}"`,
      () => this.#messages.filter(isAnswer)[before],
      20_000,
    );
    return answer.value;
  }

  async snapshot(): Promise<ClusterSnapshot> {
    return (await this.ask("snapshot")) as ClusterSnapshot;
  }

  /** What has been told by events of this name so far. */
  told<Name extends keyof ClusterEvents>(name: Name): Told[Name][] {
    return this.#messages.filter(({ event }) => event === name) as unknown as Told[Name][];
  }

  /** Waits until the workers are as a condition says. @returns the snapshot that fulfilled it */
  async until(
    what: string,
    fulfils: (snapshot: ClusterSnapshot) => boolean,
    limitMs = 15_000,
  ): Promise<ClusterSnapshot> {
    let last: ClusterSnapshot | null = null;
    try {
      return await waitFor(
        what,
        async () => {
          last = await this.snapshot();
          return fulfils(last) && last;
        },
        limitMs,
      );
    } catch (error) {
      throw new Error(`Waited in vain for ${what}: ${JSON.stringify(last)} ${this.output}`, { cause: error });
    }
  }

  untilLive(count: number): Promise<ClusterSnapshot> {
    return this.until(`${count} workers`, ({ live, workers }) => live === count && workers.length === count);
  }

  async workers(): Promise<readonly WorkerSnapshot[]> {
    return (await this.snapshot()).workers;
  }

  get(path = "/", signal?: AbortSignal): Promise<{ pid: number; id: number; isLeading: boolean }> {
    return fetch(this.url + path, { headers: { connection: "close" }, ...(signal && { signal }) }).then(
      (response) => response.json() as Promise<{ pid: number; id: number; isLeading: boolean }>,
    );
  }

  /** The processes of workers that are still there. */
  get livingWorkers(): readonly number[] {
    return [...this.#pids].filter((pid) => pid > 1 && isAlive(pid));
  }

  /** Ends everything, whatever state it is in. */
  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await exited;
    }
    for (const pid of this.livingWorkers) process.kill(pid, "SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}
