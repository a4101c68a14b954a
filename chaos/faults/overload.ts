import { askOnce } from "../system/ask-service.ts";
import type { Fault } from "./fault.ts";
import { pause } from "./pause.ts";

const factor = 5;
const shortestMs = 5_000;
const longestMs = 10_000;
const livezMaxMs = 2_000;

/** Row 13: far more is asked for than can be served. What is served stays right, and the process stays alive. */
export const overload: Fault = {
  kind: "overload",
  number: 13,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: 2_000,
  weight: "heavy",
  async inject({ system, workload, random, signal, usualRate, isLongRun, begun, underLoad, found }) {
    const lastMs = isLongRun ? random.between(shortestMs, longestMs) : shortestMs;
    const supervisor = system.supervisorPid();
    try {
      workload.setRate(usualRate * factor);
      await underLoad();
      begun(`${factor} times the usual rate for ${lastMs} ms`);
      await pause(lastMs / 2, signal);
      const alive = await askOnce(`${system.opsUrl}/livez`, livezMaxMs);
      if (alive?.status !== 200 && !signal.aborted)
        found("/livez of the operations listener did not answer 200 under overload.");
      await pause(lastMs / 2, signal);
    } finally {
      workload.setRate(usualRate);
    }
    if (system.supervisorPid() !== supervisor) found(`Supervisor ${supervisor} ended under overload.`);
    return null;
  },
};
