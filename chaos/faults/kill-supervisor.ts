import type { Fault } from "./fault.ts";

/** Workers without a supervisor end by themselves, and soon. */
const orphansUsuallyMaxMs = 3_000;
/** By then even one whose event loop is stuck has ended itself. */
const orphansMaxMs = 8_000;

const logLinesMax = 6;

/** Row 2: the supervisor is killed, and started again as systemd would. */
export const killSupervisor: Fault = {
  kind: "supervisor_kill",
  number: 2,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: 3_000,
  weight: "heavy",
  async inject({ system, begun, underLoad, over, note, found }) {
    const postmaster = await system.postmasterPid();
    await underLoad();
    const { pid, workers } = await system.killSupervisor();
    if (pid <= 1) return "there was no supervisor";
    begun(`supervisor ${pid} was killed with ${workers.length} workers`);
    const killedAtMs = performance.now();
    const late = await system.endOfService(orphansMaxMs);
    const tookMs = Math.round(performance.now() - killedAtMs);
    if (late.length > 0)
      found(`${late.length} workers were still there ${orphansMaxMs} ms after their supervisor was killed.`);
    else if (tookMs > orphansUsuallyMaxMs)
      note(`Workers without a supervisor took ${tookMs} ms to end themselves.`);
    over();
    for (const log of await system.restartService()) {
      const words = log.trim().split("\n").slice(0, logLinesMax).join(" / ");
      // A start may meet another fault, and then it has to say so and end. It must not fall over.
      if (/Unhandled|uncaught/i.test(log)) found(`The service fell over when it was started again: ${words}`);
      else note(`A start failed, and the next one was tried: ${words}`);
    }
    // A server that runs goes on: it has to be adopted, not started anew.
    if (
      system.topology === "embedded" &&
      postmaster !== null &&
      (await system.postmasterPid()) !== postmaster
    )
      found(`The embedded server ${postmaster} ended with its supervisor, and was not adopted.`);
    return null;
  },
};
