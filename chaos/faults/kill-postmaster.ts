import { sendSignal } from "../system/read-processes.ts";
import type { Fault } from "./fault.ts";

/** Row 4: the database's first process is killed. Its children find that out by themselves, each in its own time. */
export const killPostmaster: Fault = {
  kind: "postmaster_kill",
  number: 4,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: 5_000,
  weight: "heavy",
  async inject({ system, begun, underLoad, over }) {
    const pid = await system.postmasterPid();
    if (pid === null) return "no database was running";
    await underLoad();
    if (!sendSignal(pid, "SIGKILL")) return `the postmaster ${pid} had ended`;
    begun(`postmaster ${pid} was killed`);
    over();
    return null;
  },
};
