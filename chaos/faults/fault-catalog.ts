import { crashAtStart } from "./crash-at-start.ts";
import { cutClient } from "./cut-client.ts";
import { disturbNetwork, resetNetwork } from "./disturb-network.ts";
import { exhaustConnections } from "./exhaust-connections.ts";
import type { Fault } from "./fault.ts";
import { fillDisk } from "./fill-disk.ts";
import { killBackend } from "./kill-backend.ts";
import { killPostmaster } from "./kill-postmaster.ts";
import { killSupervisor } from "./kill-supervisor.ts";
import { killWorker } from "./kill-worker.ts";
import { loseReply } from "./lose-reply.ts";
import { overload } from "./overload.ts";
import { shiftClock } from "./shift-clock.ts";
import { stopDatabase } from "./stop-database.ts";
import { stopWorker } from "./stop-worker.ts";

/** Everything that can be done to the system. A kind may have more than one entry, of different weight. */
export const faultCatalog: readonly Fault[] = [
  killWorker,
  killSupervisor,
  killBackend,
  killPostmaster,
  stopWorker,
  stopDatabase,
  disturbNetwork,
  resetNetwork,
  loseReply,
  cutClient,
  fillDisk,
  exhaustConnections,
  shiftClock,
  overload,
  crashAtStart,
];
