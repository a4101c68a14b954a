import type { PointController } from "../kill-points/point-controller.ts";
import type { NetworkProxy } from "../network/network-proxy.ts";

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
  /** The operations listener. Nothing stands between. */
  readonly opsUrl: string;
  readonly adminKey: string;
  readonly dataDir: string;
  /** The database as a judge sees it: directly, as a role that may only read. */
  readonly judgeUrl: string;
  /** Between the clients and the service. */
  readonly clientNetwork: NetworkProxy;
  /** Between the service and its database; null where the service keeps its own. */
  readonly databaseNetwork: NetworkProxy | null;
  /** Named points in the processes of the service. */
  readonly points: PointController;

  supervisorPid(): number;
  /** Of the workers that serve now, by the operations listener; empty when it does not answer. */
  workerPids(): Promise<readonly number[]>;
  /** Null while there is none. Above 1, and really of this run's data directory. */
  postmasterPid(): Promise<number | null>;
  /** The server processes of this run's postmaster that serve a client, matched by parent. */
  backendPids(): Promise<readonly number[]>;
  /** Waits for the supervisor to be gone, and starts the service again on the same ports. */
  restartService(environment?: Readonly<Record<string, string>>): Promise<void>;
  /** What the service has written to its log since it began: the end of it. */
  logTail(): string;
  close(): Promise<void>;
}
