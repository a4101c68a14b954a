// @ts-check
// What can be done to the stack. Each ends with what an operator or an orchestrator would do about it, if anything.

import { setTimeout as wait } from "node:timers/promises";
import { compose, insist } from "./run-docker.mjs";

/** How long a database stands still or cannot be reached: longer than any time limit of the service. */
const outageMs = Number(process.env["CHAOS_OUTAGE_MS"] || "10000");

/** Ends a process inside a container: the image has no program for that but Node. */
const kill = "process.kill(Number(process.argv[1]), 'SIGKILL')";

/** @typedef {(stack: { opsUrl: string, adminKey: string }) => Promise<void>} Scenario */

/** @type {Readonly<Record<string, Scenario>>} */
export const scenarios = {
  /** One worker ends as if its machine had; the supervisor starts another by itself. */
  "worker-kill": async ({ opsUrl, adminKey }) => {
    const reply = await fetch(`${opsUrl}/ops/v1/workers`, {
      headers: { authorization: `Bearer ${adminKey}` },
    });
    const { data } = /** @type {{ data: readonly { pid: number, state: string }[] }} */ (await reply.json());
    const pid = data.find(({ state }) => state === "ready")?.pid;
    if (pid === undefined || !(pid > 1)) throw new Error("There is no worker to be killed.");
    await compose("exec", "-T", "holdfast", "node", "-e", kill, String(pid));
  },
  /** The database ends without a word. An engine does not start again what was killed by hand, so this does. */
  "database-kill": async () => {
    await compose("kill", "--signal", "SIGKILL", "postgres");
    await compose("up", "--wait", "--no-recreate", "postgres");
  },
  /** The database stands still, with every lock and every connection that it has. */
  "database-pause": async () => {
    await compose("pause", "postgres");
    await wait(outageMs);
    await compose("unpause", "postgres");
  },
  /** The network between service and database is gone: no packet is answered, not even with a refusal. */
  "network-cut": async () => {
    const container = (await compose("ps", "--quiet", "postgres")).trim();
    const format = "{{range $name, $network := .NetworkSettings.Networks}}{{$name}}{{end}}";
    const network = (await insist("inspect", "--format", format, container)).trim();
    await insist("network", "disconnect", network, container);
    await wait(outageMs);
    await insist("network", "connect", "--alias", "postgres", network, container);
  },
  /** Everything ends at once, as when the power fails, and is started again. */
  "whole-stack-kill": async () => {
    await compose("kill", "--signal", "SIGKILL");
    await compose("up", "--wait", "--no-recreate", "--wait-timeout", "300");
  },
};

/** The names of all of them. */
export function listScenarios() {
  return Object.keys(scenarios);
}
