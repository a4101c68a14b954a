import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { exists, listProjectFiles, readText, readYaml } from "./project-files.ts";

const permissions = z.record(z.string(), z.enum(["read", "write", "none"]));
const step = z.strictObject({
  name: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  run: z.string().optional(),
  if: z.string().optional(),
});
const job = z.strictObject({
  "runs-on": z.string(),
  "timeout-minutes": z.int().min(1).max(60),
  permissions: permissions.optional(),
  env: z.record(z.string(), z.string()).optional(),
  strategy: z.looseObject({}).optional(),
  steps: z.array(step).min(1),
});
const workflow = z.strictObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions,
  concurrency: z.strictObject({ group: z.string(), "cancel-in-progress": z.boolean() }),
  jobs: z.record(z.string(), job),
});

const paths = listProjectFiles().filter((path) => /^\.github\/workflows\/.+\.ya?ml$/.test(path));
const scripts = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readText("package.json"))).scripts;

/** What a workflow may do beyond reading the code. Everything else would be more than it needs. */
const writes: Readonly<Record<string, readonly string[]>> = { codeql: ["security-events"] };

test("there is CI, code scanning, a review of dependencies, and a trial of the containers", () => {
  const names = paths.map((path) => workflow.parse(readYaml(path)).name);
  expect(names.toSorted()).toEqual(["ci", "codeql", "containers", "dependency-review"]);
});

describe.each(paths)("%s", (path) => {
  const text = readText(path);
  const { name, on, permissions: granted, jobs } = workflow.parse(parse(text));
  const steps = Object.values(jobs).flatMap((each) => each.steps);

  test("pins every action by the SHA of a commit, with the version beside it", () => {
    const lines = text.split("\n").filter((line) => /^\s*(?:- )?uses:/.test(line));
    expect(lines.length).toBeGreaterThan(0);
    const pinned = /^\s*(?:- )?uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
    expect(lines.filter((line) => !pinned.test(line))).toEqual([]);
  });

  test("may write nothing but what it is for", () => {
    const all = [granted, ...Object.values(jobs).map((each) => each.permissions ?? {})];
    const written = all.flatMap((each) => Object.keys(each).filter((scope) => each[scope] === "write"));
    expect(written).toEqual(writes[name] ?? []);
    expect(Object.keys(granted).filter((scope) => scope !== "contents" || granted[scope] !== "read")).toEqual(
      [],
    );
  });

  test("leaves no credentials behind for the code that it checks out", () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.length).toBe(Object.keys(jobs).length);
    expect(checkouts.every((each) => each.with?.["persist-credentials"] === false)).toBe(true);
  });

  test("runs no text of a stranger, and never with the rights of the main branch", () => {
    expect(Object.keys(on)).not.toContain("pull_request_target");
    expect(steps.filter(({ run }) => run?.includes("${{"))).toEqual([]);
  });

  test("runs on a named version of its machine", () => {
    for (const each of Object.values(jobs)) expect(each["runs-on"]).toMatch(/-\d+\.\d+$/);
  });

  test("calls only scripts that are there", () => {
    const commands = steps.map(({ run = "" }) => run).join("\n");
    const files = [...commands.matchAll(/(?:bash|node|-f) ([\w./-]+\/[\w.-]+)/g)].map(
      ([, file = ""]) => file,
    );
    expect(files.filter((file) => !exists(file))).toEqual([]);
  });
});

test("an action has the same version everywhere", () => {
  const uses = paths.flatMap((path) => [...readText(path).matchAll(/uses: ([\w-]+\/[\w-]+)[\w/-]*@(.+)/g)]);
  const versions = new Map<string, Set<string>>();
  for (const [, action = "", version = ""] of uses)
    versions.set(action, new Set([...(versions.get(action) ?? []), version]));
  expect([...versions.values()].filter(({ size }) => size > 1)).toEqual([]);
});

test("what CI runs is what a developer runs", () => {
  const called = [...readText(".ci/run").matchAll(/^ *(?:step )?npm (?:run )?(\w[\w-]*)/gm)].map(
    ([, script = ""]) => script,
  );
  expect(called).toEqual(
    expect.arrayContaining(["test", "check", "bench", "chaos", "mutants", "bad-requests"]),
  );
  expect(called.filter((script) => scripts[script] === undefined)).toEqual([]);
  expect(readText(".github/workflows/ci.yml")).toContain("bash .ci/run");
});

test("everything that is pinned is moved on by Dependabot", () => {
  const update = z.looseObject({
    "package-ecosystem": z.string(),
    directory: z.literal("/"),
    groups: z.looseObject({}),
  });
  const { updates } = z.object({ updates: z.array(update) }).parse(readYaml(".github/dependabot.yml"));
  const ecosystems = updates.map((each) => each["package-ecosystem"]);
  expect(ecosystems.toSorted()).toEqual(["docker", "docker-compose", "github-actions", "npm"]);
});
