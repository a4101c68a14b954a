import { askOnce } from "../system/ask-service.ts";
import { childrenOf, sendSignal } from "../system/read-processes.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { pause } from "./pause.ts";

const shortestMs = 5_000;
const longestMs = 30_000;
/** No answer may take longer than the time limit of a request, with some room for a busy machine. */
const answerMaxMs = 11_000;
const livezMaxMs = 2_000;
/** A process may be started while the list is read. */
const roundsMax = 5;

/** Row 6: the whole database stops for a while, as a machine does that is frozen. */
export const stopDatabase: Fault = {
  kind: "database_stop",
  number: 6,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: null,
  weight: "heavy",
  async inject(context) {
    const { system, random, signal, isLongRun, begun, underLoad } = context;
    const postmaster = await system.postmasterPid();
    if (postmaster === null) return "no database was running";
    const lastMs = isLongRun && random.happens(0.25) ? random.between(shortestMs, longestMs) : shortestMs;
    const stopped = new Set<number>();
    const goOn = () => {
      for (const pid of stopped) sendSignal(pid, "SIGCONT");
    };
    process.once("exit", goOn);
    try {
      await underLoad();
      begun(`all processes of the database were stopped for ${lastMs} ms`);
      await stopAll(postmaster, stopped);
      await Promise.all([pause(lastMs, signal), checkPromises(context)]);
    } finally {
      goOn();
      process.off("exit", goOn);
    }
    return null;
  },
};

/** The first process goes first: then it starts no other. */
async function stopAll(postmaster: number, stopped: Set<number>): Promise<void> {
  sendSignal(postmaster, "SIGSTOP");
  stopped.add(postmaster);
  for (let round = 0; round < roundsMax; round += 1) {
    const children = (await childrenOf(postmaster)).filter(({ pid }) => !stopped.has(pid));
    if (children.length === 0) return;
    for (const { pid } of children) {
      // Each is named before it is stopped, so that it goes on again whatever happens.
      stopped.add(pid);
      sendSignal(pid, "SIGSTOP");
    }
  }
}

/** 503 within the deadline, and the processes themselves stay alive. */
async function checkPromises({ system, signal, found }: FaultContext): Promise<void> {
  const beganAtMs = performance.now();
  const [ready, alive, operations] = await Promise.all([
    askOnce(`${system.directUrl}/readyz`, answerMaxMs),
    askOnce(`${system.directUrl}/livez`, livezMaxMs),
    askOnce(`${system.opsUrl}/livez`, livezMaxMs),
  ]);
  if (signal.aborted) return;
  const tookMs = Math.round(performance.now() - beganAtMs);
  // An answer that came after the database went on says nothing of it.
  if (ready === null)
    found(`/readyz gave no answer within ${answerMaxMs} ms while the database was stopped.`);
  else if (ready.status !== 503 && tookMs < shortestMs - 500)
    found(
      `/readyz answered ${ready.status} after ${tookMs} ms while the database was stopped, instead of 503.`,
    );
  if (alive?.status !== 200) found("/livez of a worker did not answer 200 while the database was stopped.");
  if (operations?.status !== 200)
    found("/livez of the operations listener did not answer 200 while the database was stopped.");
}
