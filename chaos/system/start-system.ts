import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { ChaosError } from "../chaos-error.ts";
import type { PointController } from "../kill-points/point-controller.ts";
import { startNetworkProxy } from "../network/start-network-proxy.ts";
import { choosePorts } from "./choose-ports.ts";
import { startDatabaseKeeper } from "./database-keeper.ts";
import { findOwnDatabase, type FoundDatabase } from "./database-handle.ts";
import { createJudge } from "./keep-judge.ts";
import { mountSmallDisk } from "./mount-small-disk.ts";
import { RunningSystem, type SystemParts } from "./running-system.ts";
import { makeRunFolder, removeRunFolder } from "./run-folder.ts";
import { ServiceProcess } from "./service-process.ts";
import { serviceEnvironment } from "./service-environment.ts";
import type { SystemUnderTest, Topology } from "./system-under-test.ts";
import { UndoList } from "./undo-list.ts";

const projectFolder = resolve(import.meta.dirname, "../..");
const buildMaxMs = 180_000;
const run = promisify(execFile);

/** What makes the service's processes a test build. */
interface TestBuild {
  readonly controller: PointController;
  readonly environment: Readonly<Record<string, string>>;
}

export interface SystemOptions {
  readonly topology: Topology;
  /** Puts the database on a small disk of its own, where that is permitted. */
  readonly hasSmallDisk: boolean;
  readonly points: TestBuild;
  /** Gives the start up. */
  readonly signal: AbortSignal;
}

/**
 * Starts a Holdfast of real processes with a database of its own.
 *
 * @throws ChaosError when a part does not start; nothing is left of the others then
 */
export async function startSystem(options: SystemOptions): Promise<SystemUnderTest> {
  const undo = new UndoList();
  try {
    return await startParts(options, undo);
  } catch (error) {
    await undo.all();
    throw error;
  }
}

async function startParts(options: SystemOptions, undo: UndoList): Promise<SystemUnderTest> {
  const { topology, points, signal } = options;
  await buildPages(signal);
  const folder = await makeRunFolder();
  undo.add(() => removeRunFolder(folder));
  const disk = options.hasSmallDisk
    ? await mountSmallDisk(join(folder, "disk"))
    : "it shares the disk of this machine";
  if (typeof disk !== "string") undo.add(() => disk.unmount());
  const [port = 0, opsPort = 0] = await choosePorts(2);
  const dataDir = join(folder, "data");
  await mkdir(dataDir, { mode: 0o755 });
  const adminKey = `hf_admin_${randomBytes(24).toString("base64url")}`;

  const keeper =
    topology === "separate"
      ? await startDatabaseKeeper(join(typeof disk === "string" ? folder : disk.path, "database"), signal)
      : null;
  if (keeper !== null) undo.add(() => keeper.stop());
  const databaseNetwork = keeper === null ? null : await startNetworkProxy(portOf(keeper.connectionString));
  if (databaseNetwork !== null) undo.add(() => databaseNetwork.close());
  const environment = serviceEnvironment({
    port,
    opsPort,
    dataDir,
    adminKey,
    databaseUrl:
      keeper === null || databaseNetwork === null
        ? null
        : withPort(keeper.connectionString, databaseNetwork.port),
    points: points.environment,
  });

  const place: { service: ServiceProcess; database: FoundDatabase | null } = {
    service: new ServiceProcess(environment),
    database: keeper,
  };
  undo.add(() => place.service.stop());
  await place.service.ready(signal);
  const clientNetwork = await startNetworkProxy(port);
  undo.add(() => clientNetwork.close());
  const database = place.database ?? (await findOwnDatabase(dataDir));
  const parts: SystemParts = {
    topology,
    port,
    opsPort,
    adminKey,
    dataDir,
    database,
    judgeUrl: await createJudge(database.connectionString),
    clientNetwork,
    databaseNetwork,
    disk,
    points: points.controller,
    environment,
    service: place.service,
    keeperLog: keeper?.logTail ?? null,
    undo,
  };
  const system = new RunningSystem(parts);
  // From here on it knows which service is the last one.
  undo.add(() => system.stopService());
  signal.throwIfAborted();
  return system;
}

/** The service serves pages that it does not build when it is started bare; and their builder must not meet the points. */
async function buildPages(signal: AbortSignal): Promise<void> {
  try {
    await run(process.execPath, ["scripts/build-pages.mjs"], {
      cwd: projectFolder,
      timeout: buildMaxMs,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new ChaosError(
      `The pages of the service could not be built: ${error instanceof Error ? error.message : ""}`,
    );
  }
}

function portOf(connectionString: string): number {
  return Number(new URL(connectionString).port);
}

function withPort(connectionString: string, port: number): string {
  const url = new URL(connectionString);
  url.port = String(port);
  return url.href;
}
