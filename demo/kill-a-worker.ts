import { setTimeout as wait } from "node:timers/promises";
import type { ListedWorker, Operations } from "./operations.ts";
import type { ProcessFacts } from "./read-process.ts";

/** The processes of this machine. */
export interface Processes {
  readonly ownPid: number;
  read(pid: number): Promise<ProcessFacts | null>;
  /** Sends SIGKILL. @throws when the process is gone or belongs to somebody else */
  kill(pid: number): void;
}

export type KillResult =
  | { readonly kind: "killed"; readonly pid: number; readonly workerId: number }
  /** Nothing was killed. The reason completes "No worker was killed: ...". */
  | { readonly kind: "refused"; readonly reason: string };

type Refused = Extract<KillResult, { kind: "refused" }>;
type Choice = { readonly kind: "chosen"; readonly worker: ListedWorker } | Refused;

/**
 * Kills the busiest worker with SIGKILL, after making sure that it is one: listed as ready by the operations listener
 * of the service that sells the event, and a Node process of this machine with the same supervisor as its siblings.
 */
export async function killAWorker(
  operations: Operations,
  processes: Processes,
  eventId: string,
): Promise<KillResult> {
  const knows = await operations.knowsEvent(eventId);
  const at = operations.url.origin;
  if (knows === null) return refuse(`the operations listener at ${at} did not tell which sales are its own`);
  if (!knows) return refuse(`the operations listener at ${at} belongs to another service`);
  const choice = await chooseWorker(operations, processes);
  if (choice.kind === "refused") return choice;
  const { pid, id } = choice.worker;
  try {
    processes.kill(pid);
  } catch (error) {
    return refuse(`the process ${pid} could not be ended (${codeOf(error)})`);
  }
  return { kind: "killed", pid, workerId: id };
}

/** A worker that has just started may not be listed as ready yet. */
const askAgainMs = 200;
const askMaxMs = 3_000;

/** Asks for up to 3 s until the answer is no refusal. @returns the last answer */
export async function insist<Answer extends { readonly kind: string }>(
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const deadlineMs = performance.now() + askMaxMs;
  for (;;) {
    const answer = await ask();
    if (answer.kind !== "refused" || performance.now() > deadlineMs) return answer;
    await wait(askAgainMs);
  }
}

/** Finds the worker that would be killed, and kills nothing. */
export async function chooseWorker(operations: Operations, processes: Processes): Promise<Choice> {
  const listed = await operations.listWorkers();
  const at = operations.url.origin;
  if (listed === null) return refuse(`the operations listener at ${at} did not list its workers`);
  const ready = listed.filter(({ state }) => state === "ready");
  const [busiest] = ready.sort((one, other) => other.rps - one.rps);
  if (busiest === undefined) return refuse("no worker is ready");
  const refusal = await checkFamily(listed, busiest, processes);
  return refusal ?? { kind: "chosen", worker: busiest };
}

/** Whether the worker is what it is said to be. A listing may come from another machine or another container. */
async function checkFamily(
  listed: readonly ListedWorker[],
  worker: ListedWorker,
  processes: Processes,
): Promise<Refused | null> {
  const { pid } = worker;
  if (pid <= 1 || pid === processes.ownPid) return refuse(`the process ${pid} cannot be a worker`);
  const facts = await processes.read(pid);
  if (facts === null)
    return refuse(`the process ${pid} cannot be looked at from here, so the service may run elsewhere`);
  if (!facts.isNode || facts.isClusterWorker === false)
    return refuse(`the process ${pid} of this machine is not a worker, so the service may run elsewhere`);
  const supervisor = await processes.read(facts.parentPid);
  if (supervisor === null || !supervisor.isNode)
    return refuse(`the process ${pid} is not the child of a supervisor`);
  for (const sibling of listed) {
    const parentPid = (await processes.read(sibling.pid))?.parentPid;
    // A worker that has just ended is no contradiction; one with another parent is.
    if (parentPid !== undefined && parentPid !== facts.parentPid)
      return refuse(`the processes ${pid} and ${sibling.pid} do not have the same supervisor`);
  }
  return null;
}

function refuse(reason: string): Refused {
  return { kind: "refused", reason };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "no reason given";
}
