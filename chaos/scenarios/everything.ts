import type { Scenario, Stage } from "./scenario.ts";

const embeddedStage: Stage = {
  name: "embedded",
  topology: "embedded",
  share: 0.25,
  kinds: [
    "worker_kill",
    "supervisor_kill",
    "backend_kill",
    "postmaster_kill",
    "crash_at_start",
    "lost_reply",
    "client_gone",
  ],
  weights: { worker_kill: 2, supervisor_kill: 2, lost_reply: 2, client_gone: 2 },
  operations: ["hold", "confirm"],
  needsSoldOut: false,
};

/** The service as `npm start` runs it, which keeps its database itself. */
export const embedded: Scenario = {
  name: "embedded",
  help: "a service that keeps its own database: its parts are killed, and it takes over what is left",
  stages: [{ ...embeddedStage, share: 1 }],
};

/** All that can be done, to a service with a database of its own and to one that keeps its own. */
export const everything: Scenario = {
  name: "everything",
  help: "every kind of fault, in all topologies",
  stages: [
    {
      name: "separate",
      topology: "separate",
      share: 0.65,
      kinds: [
        "worker_kill",
        "supervisor_kill",
        "backend_kill",
        "postmaster_kill",
        "worker_stop",
        "database_stop",
        "network",
        "lost_reply",
        "client_gone",
        "connections_exhausted",
        "wrong_clock",
        "overload",
        "crash_at_start",
      ],
      weights: {
        worker_kill: 4,
        backend_kill: 2,
        network: 3,
        postmaster_kill: 2,
        lost_reply: 2,
        client_gone: 2,
      },
    },
    {
      name: "disk",
      topology: "separate",
      share: 0.1,
      kinds: ["disk_full", "lost_reply", "client_gone"],
      optionalKinds: ["disk_full"],
      hasSmallDisk: true,
      operations: ["hold", "confirm"],
      needsSoldOut: false,
    },
    embeddedStage,
  ],
};
