import { faultCatalog } from "../faults/fault-catalog.ts";
import { pause } from "../faults/pause.ts";
import type { AttackContext, Stage } from "../scenarios/scenario.ts";
import { waitUntil } from "../system/wait-until.ts";
import { planFaults, type PlannedFault } from "./plan-faults.ts";

/** Workers of a system that is whole. */
const workersWanted = 2;
/** A system that does not become whole goes on to be attacked: what came of that shows in the history. */
const wholeMaxMs = 15_000;
/** Light faults whose recovery is waited for, beyond which no more are begun. */
const lightAtOnceMax = 32;

/**
 * Does what is drawn from the seed: heavy faults one after another, light ones beside them. When the time is over, what
 * is left of the first round still comes, so that no kind is missing for want of a few seconds.
 */
export async function attackByPlan(stage: Stage, context: AttackContext): Promise<void> {
  const plan = planFaults({
    catalog: faultCatalog,
    topology: stage.topology,
    kinds: stage.kinds,
    weights: stage.weights ?? {},
    random: context.random,
  });
  const heavyIsOver = new AbortController();
  const heavy = runHeavy(plan.heavy, context).finally(() => heavyIsOver.abort());
  await Promise.all([heavy, runLight(plan.light, context, heavyIsOver.signal)]);
}

type Lane = Iterator<PlannedFault, undefined>;

async function runHeavy(lane: Lane, context: AttackContext): Promise<void> {
  const { inject, signal, timeIsOver } = context;
  for (let next = lane.next().value; next !== undefined; next = lane.next().value) {
    if (timeIsOver.aborted && next.round > 0) return;
    await pause(next.pauseMs, signal);
    if (signal.aborted) return;
    await inject(next.fault, next.random);
    await becomeWhole(context);
  }
  await pause(context.durationMs, AbortSignal.any([signal, timeIsOver]));
}

/** A fault hits a whole system: two at once are another one, whose recovery nobody has asked for. */
async function becomeWhole({ system, signal }: AttackContext): Promise<void> {
  const isWhole = async () =>
    (await system.workerPids()).length >= workersWanted && (await system.postmasterPid()) !== null;
  await waitUntil(isWhole, wholeMaxMs, signal).catch(() => null);
}

async function runLight(
  lane: Lane,
  { inject, signal }: AttackContext,
  heavyIsOver: AbortSignal,
): Promise<void> {
  const isOver = AbortSignal.any([signal, heavyIsOver]);
  const going = new Set<Promise<unknown>>();
  for (let next = lane.next().value; next !== undefined; next = lane.next().value) {
    await pause(next.pauseMs, isOver);
    if (isOver.aborted) break;
    if (going.size >= lightAtOnceMax) continue;
    const injected: Promise<unknown> = inject(next.fault, next.random).finally(() => going.delete(injected));
    going.add(injected);
  }
  await Promise.all(going);
}
