import { isAlive } from "../system/read-processes.ts";
import type { Fault } from "./fault.ts";

/** Workers without a supervisor end by themselves within this time. */
const orphansMaxMs = 3_000;

/** Row 2: the supervisor is killed, and started again as systemd would. */
export const killSupervisor: Fault = {
  kind: "supervisor_kill",
  number: 2,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: 3_000,
  weight: "heavy",
  async inject({ system, begun, over, found }) {
    const postmaster = await system.postmasterPid();
    const { pid, workers } = await system.killSupervisor();
    if (pid <= 1) return "there was no supervisor";
    begun(`supervisor ${pid} was killed with ${workers.length} workers`);
    const late = await system.endOfService(orphansMaxMs);
    if (late.length > 0)
      found(`${late.length} workers were still there ${orphansMaxMs} ms after their supervisor was killed.`);
    over();
    await system.restartService();
    // A server that runs goes on: it has to be adopted, not started anew.
    const isLeft = postmaster === null || isAlive(postmaster);
    if (system.topology === "embedded" && !isLeft && (await system.postmasterPid()) !== postmaster)
      found(`The embedded server ${postmaster} ended with its supervisor, and was not adopted.`);
    return null;
  },
};
