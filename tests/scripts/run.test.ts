import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";

const SCRIPTS = join(import.meta.dirname, "../../scripts");
const INSTALLING = "Installing the dependencies with npm ci; this is needed once.";
const STAMP = "node_modules/.holdfast-install";

/** Prints what it was started with, then does what its first argument says. */
const TARGET = `
console.log(JSON.stringify({ argv: process.argv.slice(1), version: process.version, ppid: process.ppid }));
const [action] = process.argv.slice(2);
if (action === "exit") process.exit(Number(process.argv[3]));
if (action === "die") process.kill(process.pid, "SIGKILL");
if (action === "wait") {
  let count = 0;
  const keepAlive = setInterval(() => {}, 1000);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {
    count += 1;
    console.log(signal);
    setTimeout(() => { clearInterval(keepAlive); process.exitCode = 10 + count; }, 300);
  });
  console.log("waiting");
}
`;

function write(path: string, content: string | object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, null, 2));
}

/**
 * A project whose only dependency lies in its own folder, so that npm needs no network. When it pins a Node,
 * that is the one that runs the tests, under a version that no Node has.
 */
function makeProject(options: { toolVersion?: string; pinsNode?: boolean } = {}): string {
  const root = mkdtempSync(join(tmpdir(), "holdfast-run-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  cpSync(SCRIPTS, join(root, "scripts"), { recursive: true });
  writeProject(root, options);
  write(join(root, "api/target.mjs"), TARGET);
  return root;
}

function writeProject(root: string, { toolVersion = "1.0.0", pinsNode = false }): void {
  const nodePackage = `node-${process.platform}-${process.arch}`;
  const project = {
    name: "trial",
    version: "1.0.0",
    workspaces: pinsNode ? ["tool", "pinned"] : ["tool"],
    ...(pinsNode ? { optionalDependencies: { [nodePackage]: "0.0.0" } } : {}),
  };
  const packages: Record<string, object> = {
    "": project,
    "node_modules/tool": { resolved: "tool", link: true },
    tool: { name: "tool", version: toolVersion },
  };
  write(join(root, "tool/package.json"), { name: "tool", version: toolVersion });
  if (pinsNode) {
    packages[`node_modules/${nodePackage}`] = { resolved: "pinned", link: true };
    packages["pinned"] = { name: nodePackage, version: "0.0.0" };
    write(join(root, "pinned/package.json"), { name: nodePackage, version: "0.0.0" });
    write(join(root, "pinned/bin/node"), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
    chmodSync(join(root, "pinned/bin/node"), 0o755);
  }
  write(join(root, "package.json"), project);
  write(join(root, "package-lock.json"), { ...project, lockfileVersion: 3, requires: true, packages });
}

function begin(root: string, targetArguments: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(root, "scripts/run.mjs"), ...targetArguments], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

async function end(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
  await once(child, "close");
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
}

const run = (root: string, ...targetArguments: string[]): Promise<Ended> => end(begin(root, targetArguments));

test(
  "a fresh clone is installed once, and the target runs in the same process",
  { timeout: 60_000 },
  async () => {
    const root = makeProject();
    const first = await run(root, "api/target.mjs", "exit", "7", "--flag=a b", "$HOME");
    expect(first.stderr).toContain(INSTALLING);
    expect(first.code).toBe(7);
    expect(existsSync(join(root, "node_modules/tool/package.json"))).toBe(true);
    expect(JSON.parse(first.stdout)).toEqual({
      argv: [join(root, "api/target.mjs"), "exit", "7", "--flag=a b", "$HOME"],
      version: process.version,
      ppid: process.pid,
    });

    const second = await run(root, "api/target.mjs", "exit", "0");
    expect(second).toMatchObject({ code: 0, stderr: "" });
  },
);

test(
  "what npm installed by hand is accepted, and a changed lock file is installed",
  { timeout: 60_000 },
  async () => {
    const root = makeProject();
    await run(root, "api/target.mjs");
    rmSync(join(root, STAMP));
    expect(await run(root, "api/target.mjs")).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(join(root, STAMP))).toBe(true);

    rmSync(join(root, "node_modules/tool"));
    rmSync(join(root, STAMP));
    expect((await run(root, "api/target.mjs")).stderr).toContain(INSTALLING);

    const stampBefore = readFileSync(join(root, STAMP), "utf8");
    writeProject(root, { pinsNode: true });
    expect((await run(root, "api/target.mjs")).stderr).toContain(INSTALLING);
    expect(readFileSync(join(root, STAMP), "utf8")).not.toBe(stampBefore);
  },
);

test("of two commands on a fresh clone one installs and both run", { timeout: 60_000 }, async () => {
  const root = makeProject();
  const both = await Promise.all([run(root, "api/target.mjs"), run(root, "api/target.mjs")]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(both.filter(({ stderr }) => stderr.includes(INSTALLING))).toHaveLength(1);
  expect(existsSync(join(root, ".holdfast/install.lock"))).toBe(false);
});

test("the lock of a killed install is taken over", { timeout: 60_000 }, async () => {
  const root = makeProject();
  const gone = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(gone, "exit");
  write(join(root, ".holdfast/install.lock"), { token: "old", host: hostname(), pid: gone.pid, npmPid: 0 });
  expect(await run(root, "api/target.mjs")).toMatchObject({ code: 0 });
  expect(existsSync(join(root, ".holdfast/install.lock"))).toBe(false);
});

test("a failed install ends with npm's reason and one sentence", { timeout: 60_000 }, async () => {
  const root = makeProject();
  write(join(root, "package.json"), {
    name: "trial",
    version: "1.0.0",
    dependencies: { absent: "file:./absent" },
  });
  const failed = await run(root, "api/target.mjs");
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toContain("npm error");
  expect(failed.stderr.trim().split("\n").at(-1)).toBe(
    "Installing the dependencies failed (npm ended with 1, see above).",
  );
  expect(existsSync(join(root, ".holdfast/install.lock"))).toBe(false);
});

test.skipIf(process.platform === "win32")(
  "the pinned Node runs the target, and its end is passed on",
  { timeout: 60_000 },
  async () => {
    const root = makeProject({ pinsNode: true });
    const exited = await run(root, "api/target.mjs", "exit", "7");
    expect(exited.code).toBe(7);
    expect(JSON.parse(exited.stdout)).toMatchObject({ argv: [join(root, "api/target.mjs"), "exit", "7"] });
    expect(JSON.parse(exited.stdout).ppid).not.toBe(process.pid);
    expect(await run(root, "api/target.mjs", "die")).toMatchObject({ code: null, signal: "SIGKILL" });

    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      const child = begin(root, ["api/target.mjs", "wait"]);
      const ended = end(child);
      for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
        if (line === "waiting") break;
      }
      child.kill(signal);
      expect(await ended).toMatchObject({ code: 11, signal: null });
    }
  },
);

test.skipIf(process.platform === "win32")(
  "a burst of the same signal reaches the target once",
  { timeout: 60_000 },
  async () => {
    const root = makeProject({ pinsNode: true });
    await run(root, "api/target.mjs");
    const child = spawn(process.execPath, [join(root, "scripts/run.mjs"), "api/target.mjs", "wait"], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = end(child);
    const lines = createInterface({ input: child.stdout });
    for await (const line of lines) if (line === "waiting") break;
    // As Ctrl-C does: the terminal signals the whole group, and npm signals its child once more.
    process.kill(-Number(child.pid), "SIGINT");
    child.kill("SIGINT");
    expect((await ended).code).toBe(11);
  },
);

test.skipIf(process.platform === "win32").each([{ pinsNode: false }, { pinsNode: true }])(
  "the target is asked to stop when npm's shell is gone (%o)",
  { timeout: 60_000 },
  async (options) => {
    const root = makeProject(options);
    await run(root, "api/target.mjs");
    const command = `"${process.execPath}" "${join(root, "scripts/run.mjs")}" api/target.mjs wait; true`;
    const shell = spawn("/bin/sh", ["-c", command], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, npm_lifecycle_event: "start" },
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: shell.stdout })) {
      lines.push(line);
      if (line === "waiting") shell.kill("SIGKILL");
    }
    // The output ends when the last process has.
    expect(lines.slice(1)).toEqual(["waiting", "SIGTERM"]);
  },
);

test("a wrong call is answered by one sentence", { timeout: 60_000 }, async () => {
  const root = makeProject();
  expect(await run(root)).toMatchObject({
    code: 1,
    stderr: "Usage: node scripts/run.mjs TARGET [arguments].\n",
  });
  expect(await run(root, "api/absent.mjs")).toMatchObject({
    code: 1,
    stderr: "There is no api/absent.mjs in this project.\n",
  });
  rmSync(join(root, "package-lock.json"));
  expect(await run(root, "api/target.mjs")).toMatchObject({
    code: 1,
    stderr: "package-lock.json is missing: restore it from the repository.\n",
  });
});
