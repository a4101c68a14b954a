import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { folderVariable } from "../../chaos/kill-points/point-messages.ts";
import {
  type OpenPointController,
  openPointController,
} from "../../chaos/kill-points/open-point-controller.ts";
import { readSources } from "../architecture/read-sources.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { makeDataDir, removeDataDir } from "../support/postgres-server.ts";
import { ServiceProcess } from "../support/start-service-process.ts";

const chaosFolder = pathToFileURL(join(import.meta.dirname, "../../chaos/")).href;
const apiFolder = pathToFileURL(join(import.meta.dirname, "../../api/")).href;
const startMaxMs = 120_000;

let database: TestDatabase;
let dataDir: string;
let noted: string;
let points: OpenPointController;

beforeEach(async () => {
  database = await openTestDatabase();
  dataDir = await makeDataDir();
  noted = await mkdtemp(join(tmpdir(), "holdfast-loaded-"));
  points = await openPointController();
});
afterEach(async () => {
  await points.close();
  await rm(noted, { recursive: true });
  await removeDataDir(dataDir);
  await database.close();
});

/** Runs the service once. @returns what its processes had loaded of this project, for each of them */
async function listLoaded(environment: Readonly<Record<string, string>>): Promise<string[][]> {
  const service = new ServiceProcess({
    DATA_DIR: dataDir,
    DATABASE_URL: database.connectionString,
    WORKERS_MIN: "1",
    WORKERS_MAX: "1",
    // Node writes there what a process has run, when it ends.
    NODE_V8_COVERAGE: noted,
    ...environment,
  });
  await service.ready(startMaxMs);
  expect(await service.end("SIGTERM")).toMatchObject({ code: 0 });
  const files = await readdir(noted);
  return Promise.all(
    files.map(async (file) => {
      const { result } = JSON.parse(await readFile(join(noted, file), "utf8")) as {
        result: { url: string }[];
      };
      return result.map(({ url }) => url);
    }),
  );
}

const loads = (folder: string) => (urls: readonly string[]) => urls.some((url) => url.startsWith(folder));

test(
  "no process of the service loads anything of chaos, unless it is told to",
  { timeout: 150_000 },
  async () => {
    const processes = await listLoaded({});
    expect(processes.filter((urls) => urls.includes(`${apiFolder}main.ts`))).toHaveLength(1);
    expect(processes.filter((urls) => urls.includes(`${apiFolder}worker-process.ts`))).toHaveLength(1);
    expect(processes.filter(loads(chaosFolder))).toEqual([]);
  },
);

test(
  "in the test build every process loads the points, and ends as it does without",
  { timeout: 150_000 },
  async () => {
    const processes = await listLoaded(points.environment);
    expect(processes.filter(loads(apiFolder))).toHaveLength(2);
    expect(processes.filter(loads(`${chaosFolder}kill-points/preload.ts`))).toHaveLength(2);
  },
);

test("the service's code does not know of points", () => {
  const sources = [...readSources("api"), ...readSources("node-cluster-autoscale")];
  expect(sources.length).toBeGreaterThan(100);
  const knowing = sources.filter(
    ({ text }) => text.includes(folderVariable) || /kill.?point|\bchaos\b/i.test(text),
  );
  expect(knowing.map(({ path }) => path)).toEqual([]);
});
