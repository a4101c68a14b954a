import { sendSignal } from "../system/read-processes.ts";
import type { Fault } from "./fault.ts";

/** Row 3: a server process of the database is killed, whereupon the database ends all others and recovers. */
export const killBackend: Fault = {
  kind: "backend_kill",
  number: 3,
  topologies: ["separate", "embedded"],
  recoveryMaxMs: 3_000,
  weight: "heavy",
  async inject({ system, random, begun, underLoad, over }) {
    const pids = await system.backendPids();
    if (pids.length === 0) return "no server process of the database served a client";
    const pid = random.choose(pids.toSorted((one, other) => one - other));
    await underLoad();
    if (!sendSignal(pid, "SIGKILL")) return `the server process ${pid} had ended`;
    begun(`the database's server process ${pid} was killed, of ${pids.length}`);
    over();
    return null;
  },
};
