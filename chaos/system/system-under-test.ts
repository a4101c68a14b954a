import type { PointController } from "../kill-points/point-controller.ts";
import type { NetworkProxy } from "../network/network-proxy.ts";
import type { SmallDisk } from "./mount-small-disk.ts";

/**
 * How the parts stand to each other.
 *
 * - separate: the service finds its database at DATABASE_URL, behind a proxy of ours; a process of ours keeps the server.
 * - embedded: the service keeps its own server, as `npm start` does.
 */
export type Topology = "separate" | "embedded";

/** A running Holdfast, with handles to hurt it by. All of it was started by this run, and ends with it. */
export interface SystemUnderTest {
  readonly topology: Topology;
  /** Where clients reach it: by way of `clientNetwork`. */
  readonly url: string;
  /** The public listener itself. Nothing stands between. */
  readonly directUrl: string;
  /** The operations listener. Nothing stands between. */
  readonly opsUrl: string;
  readonly adminKey: string;
  readonly dataDir: string;
  /** The database as a judge sees it: directly, as a role that may only read. */
  readonly judgeUrl: string;
  /** The database as its owner sees it, directly. */
  readonly ownerUrl: string;
  /** Between the clients and the service. */
  readonly clientNetwork: NetworkProxy;
  /** Between the service and its database; null where the service keeps its own. */
  readonly databaseNetwork: NetworkProxy | null;
  /** The disk that the database is on, where it has a small one of its own; else why it has none. */
  readonly disk: SmallDisk | string;
  /** Named points in the processes of the service. */
  readonly points: PointController;

  supervisorPid(): number;
  /** Of the workers that serve now, by the operations listener; empty when it does not answer. */
  workerPids(): Promise<readonly number[]>;
  /** Null while there is none. Above 1, and really of this run's data directory. */
  postmasterPid(): Promise<number | null>;
  /** The server processes of this run's postmaster that serve a client, matched by parent. */
  backendPids(): Promise<readonly number[]>;
  /** Ends the supervisor with SIGKILL. @returns its process id, and those of the workers that it leaves behind */
  killSupervisor(): Promise<{ readonly pid: number; readonly workers: readonly number[] }>;
  /**
   * Waits for the supervisor and the workers that it left behind to be gone. What does not end by itself is ended.
   *
   * @returns the workers that had to be ended
   */
  endOfService(limitMs: number): Promise<readonly number[]>;
  /**
   * Starts the service again on the same ports, when the old one is gone, and again when that start fails, as systemd
   * would. Resolves when it sells.
   *
   * @returns what each start that failed wrote
   * @throws ChaosError when none succeeds within a minute
   */
  restartService(): Promise<readonly string[]>;
  /** What the service has written to its log since it began: the end of it. */
  logTail(): string;
  close(): Promise<void>;
}
