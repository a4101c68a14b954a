import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { findFreePort } from "./start-cluster.ts";

const folder = resolve(import.meta.dirname, "../../node-cluster-autoscale/example");
// Each test starts processes, and on a busy machine they take their time.
vi.setConfig({ testTimeout: 60_000 });

let child: ChildProcess;
let output = "";

afterEach(async () => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
});

async function run(file: string, ...flags: string[]): Promise<string> {
  const port = await findFreePort();
  child = spawn(process.execPath, [resolve(folder, file), ...flags], {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  output = "";
  child.stdout?.on("data", (text) => (output += text));
  child.stderr?.on("data", (text) => (output += text));
  return `http://127.0.0.1:${port}`;
}

test("the example serves until it is told to stop, and ends with 0", async () => {
  const url = await run("primary.mjs", "--serve");
  await waitFor("the example to serve", () => output.includes(`Serving at ${url}`));
  expect(await (await fetch(url, { headers: { connection: "close" } })).text()).toBe("Hello from worker 1\n");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(output).toMatch(/Worker 1 \(process \d+\) was stopped after .* s\.\n$/);
});

test("the example's worker runs alone, too", async () => {
  const url = await run("worker.mjs");
  const text = await waitFor("an answer", () =>
    fetch(url).then(
      (response) => response.text(),
      () => null,
    ),
  );
  expect(text).toBe("Hello from worker 0\n");
});

test("the example says in one sentence that its port is taken, and ends with 1", async () => {
  const url = await run("worker.mjs");
  const holder = child;
  await waitFor("the port to be taken", () =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  );
  try {
    child = spawn(process.execPath, [resolve(folder, "primary.mjs"), "--serve"], {
      env: { ...process.env, PORT: new URL(url).port },
      stdio: ["ignore", "pipe", "pipe"],
    });
    output = "";
    child.stdout?.on("data", (text) => (output += text));
    expect(await once(child, "close")).toEqual([1, null]);
    expect(output).toMatch(/No worker became ready in 3 tries\. Port \d+ cannot be used: .*EADDRINUSE.*\n$/);
  } finally {
    holder.kill("SIGKILL");
  }
});
