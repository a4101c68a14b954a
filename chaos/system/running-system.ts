import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { PointController } from "../kill-points/point-controller.ts";
import type { NetworkProxy } from "../network/network-proxy.ts";
import { askForWorkers } from "./ask-service.ts";
import { backendsOf, type FoundDatabase, postmasterOf } from "./database-handle.ts";
import type { SmallDisk } from "./mount-small-disk.ts";
import { childrenOf, isAlive, sendSignal } from "./read-processes.ts";
import { ServiceProcess } from "./service-process.ts";
import type { SystemUnderTest, Topology } from "./system-under-test.ts";
import type { UndoList } from "./undo-list.ts";
import { waitUntil } from "./wait-until.ts";

const askMaxMs = 1_000;
/** A process that was killed is gone in a moment, unless the machine is very busy. */
const killedMaxMs = 5_000;
const restartMaxMs = 60_000;
/** As in the unit that operators are given. */
const restartPauseMs = 1_000;
const databaseStopMaxMs = 8_000;

export interface SystemParts {
  readonly topology: Topology;
  readonly port: number;
  readonly opsPort: number;
  readonly adminKey: string;
  readonly dataDir: string;
  readonly database: FoundDatabase;
  readonly judgeUrl: string;
  readonly clientNetwork: NetworkProxy;
  readonly databaseNetwork: NetworkProxy | null;
  readonly disk: SmallDisk | string;
  readonly points: PointController;
  readonly environment: NodeJS.ProcessEnv;
  readonly service: ServiceProcess;
  readonly keeperLog: (() => string) | null;
  /** Ends everything. */
  readonly undo: UndoList;
}

/** A Holdfast that was started, and whose service may be started again. */
export class RunningSystem implements SystemUnderTest {
  readonly topology: Topology;
  readonly url: string;
  readonly directUrl: string;
  readonly opsUrl: string;
  readonly adminKey: string;
  readonly dataDir: string;
  readonly judgeUrl: string;
  readonly ownerUrl: string;
  readonly clientNetwork: NetworkProxy;
  readonly databaseNetwork: NetworkProxy | null;
  readonly disk: SmallDisk | string;
  readonly points: PointController;
  readonly #parts: SystemParts;
  readonly #abandon = () => this.#endAtOnce();
  readonly #never = new AbortController().signal;
  /** Aborted when it all has to end: a service that is just being started is then not waited for. */
  readonly #closing = new AbortController();
  #service: ServiceProcess;
  /** Every process of the service that was seen, so that none of them is left behind. */
  #workers = new Set<number>();

  constructor(parts: SystemParts) {
    this.#parts = parts;
    this.#service = parts.service;
    this.topology = parts.topology;
    this.url = `http://127.0.0.1:${parts.clientNetwork.port}`;
    this.directUrl = `http://127.0.0.1:${parts.port}`;
    this.opsUrl = `http://127.0.0.1:${parts.opsPort}`;
    this.adminKey = parts.adminKey;
    this.dataDir = parts.dataDir;
    this.judgeUrl = parts.judgeUrl;
    this.ownerUrl = parts.database.connectionString;
    this.clientNetwork = parts.clientNetwork;
    this.databaseNetwork = parts.databaseNetwork;
    this.disk = parts.disk;
    this.points = parts.points;
    // A run that breaks off must not leave a service behind.
    process.once("exit", this.#abandon);
  }

  supervisorPid(): number {
    return this.#service.isOver ? 0 : this.#service.pid;
  }

  workerPids(): Promise<readonly number[]> {
    return askForWorkers(this.opsUrl, askMaxMs);
  }

  postmasterPid(): Promise<number | null> {
    return postmasterOf(this.#parts.database.dataDirectory);
  }

  backendPids(): Promise<readonly number[]> {
    return backendsOf(this.#parts.database.dataDirectory);
  }

  async killSupervisor(): Promise<{ readonly pid: number; readonly workers: readonly number[] }> {
    const pid = this.supervisorPid();
    await this.#rememberWorkers();
    this.#service.signal("SIGKILL");
    return { pid, workers: [...this.#workers] };
  }

  async endOfService(limitMs: number): Promise<readonly number[]> {
    await this.#service.ended(limitMs);
    const left = async () => {
      const states = await Promise.all(
        [...this.#workers].map(async (pid) => ((await isAlive(pid)) ? [pid] : [])),
      );
      return states.flat();
    };
    const isGone = async () => (await left()).length === 0;
    await waitUntil(isGone, limitMs, this.#never);
    const late = await left();
    for (const pid of late) sendSignal(pid, "SIGKILL");
    await waitUntil(isGone, killedMaxMs, this.#never);
    this.#workers = new Set();
    return late;
  }

  async restartService(): Promise<readonly string[]> {
    const { signal } = this.#closing;
    const giveUpAtMs = performance.now() + restartMaxMs;
    const failed: string[] = [];
    for (;;) {
      signal.throwIfAborted();
      await this.endOfService(killedMaxMs);
      this.#service = new ServiceProcess(this.#parts.environment);
      try {
        await this.#service.ready(signal);
        return failed;
      } catch (error) {
        if (signal.aborted || performance.now() > giveUpAtMs) throw error;
        failed.push(this.#service.log);
        await this.#service.stop();
        await wait(restartPauseMs, null, { signal });
      }
    }
  }

  logTail(): string {
    const keeper = this.#parts.keeperLog;
    return this.#service.log + (keeper === null ? "" : `\n-- the database's keeper --\n${keeper()}`);
  }

  async stopService(): Promise<void> {
    await this.#rememberWorkers();
    // One that is stopped hears nothing.
    for (const pid of [this.supervisorPid(), ...this.#workers]) sendSignal(pid, "SIGCONT");
    await this.#service.stop();
    await this.endOfService(killedMaxMs);
    if (this.topology === "embedded") await this.#stopLeftDatabase();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#parts.undo.all();
    process.off("exit", this.#abandon);
  }

  /** Asked while the supervisor lives: afterwards nobody knows whose its workers were. */
  async #rememberWorkers(): Promise<void> {
    const pid = this.supervisorPid();
    if (pid <= 1) return;
    for (const child of await childrenOf(pid)) if (isWorker(child.title)) this.#workers.add(child.pid);
  }

  /** A service that had to be killed leaves its database running. */
  async #stopLeftDatabase(): Promise<void> {
    const pid = await this.postmasterPid();
    if (pid === null) return;
    sendSignal(pid, "SIGCONT");
    sendSignal(pid, "SIGQUIT");
    await waitUntil(async () => (await this.postmasterPid()) === null, databaseStopMaxMs, this.#never);
  }

  /** The service stops by itself, and with it its database, when this process is gone; but nothing that is stopped does. */
  #endAtOnce(): void {
    for (const pid of [this.supervisorPid(), ...this.#workers]) sendSignal(pid, "SIGCONT");
    this.#service.signal("SIGTERM");
  }
}

/** A supervisor's other children, if it ever has any, are none of ours. */
function isWorker(title: string): boolean {
  return title.includes(join("api", "worker-process.ts"));
}
