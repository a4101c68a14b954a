import { sendSignal } from "../system/read-processes.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { frequentPoints } from "./frequent-points.ts";

const strikeMaxMs = 1_500;
const passagesMax = 20;

/** Row 1: a worker is killed, at a random moment or at a named point of what it does. */
export const killWorker: Fault = {
  kind: "worker_kill",
  number: 1,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: 1_000,
  weight: "heavy",
  async inject(context) {
    const atPoint = context.random.happens(0.5) && (await killAtPoint(context));
    return atPoint ? null : killAtRandom(context);
  },
};

async function killAtPoint({ system, random, signal, begun, over }: FaultContext): Promise<boolean> {
  const points = frequentPoints(await system.points.seen(), /./);
  if (points.length === 0) return false;
  const point = random.choose(points);
  const order = { point, passage: random.between(1, passagesMax), victim: "worker", pid: null } as const;
  const outcome = await system.points.strike([order], strikeMaxMs, signal);
  if (outcome.kind !== "struck") return false;
  begun(`worker ${outcome.strike.pid} was killed ${point}`);
  over();
  return true;
}

async function killAtRandom({
  system,
  random,
  begun,
  underLoad,
  over,
}: FaultContext): Promise<string | null> {
  const pids = await system.workerPids();
  if (pids.length === 0) return "the operations listener named no worker";
  const pid = random.choose(pids.toSorted((one, other) => one - other));
  await underLoad();
  if (!sendSignal(pid, "SIGKILL")) return `worker ${pid} had ended`;
  begun(`worker ${pid} was killed`);
  over();
  return null;
}
