import type { Scenario } from "./scenario.ts";

/** Nothing is done to the service: for the promises alone, and for whoever wants to see what the judge sees. */
export const calm: Scenario = {
  name: "calm",
  help: "no faults at all; only the promises are judged",
  stages: [{ name: "separate", topology: "separate", share: 1, kinds: [] }],
};

/** Many want the last tickets of few events at the same moment, and nothing else is done. */
export const lockRace: Scenario = {
  name: "lock-race",
  help: "bursts of buyers for the last tickets",
  stages: [
    {
      name: "separate",
      topology: "separate",
      share: 1,
      kinds: [],
      workload: { mix: { buy: 20, race: 30, lock_race: 5, cart: 5 }, eventsAtOnce: 2 },
      operations: ["hold", "confirm"],
    },
  ],
};

/** Workers die all the time, at points of their transactions as well as at random. */
export const workerKills: Scenario = {
  name: "worker-kills",
  help: "workers are killed at random and at named points, and replies get lost",
  stages: [
    {
      name: "separate",
      topology: "separate",
      share: 1,
      kinds: ["worker_kill", "lost_reply"],
      operations: ["hold", "confirm"],
      needsSoldOut: false,
    },
  ],
};

/** The whole database dies all the time: what was acknowledged must have been on disk. */
export const postmasterKills: Scenario = {
  name: "postmaster-kills",
  help: "the database is killed again and again",
  stages: [
    {
      name: "separate",
      topology: "separate",
      share: 1,
      kinds: ["postmaster_kill", "lost_reply"],
      operations: ["hold", "confirm"],
      needsSoldOut: false,
    },
  ],
};

/** Short holds that lapse, late confirmations, and a clock that is wrong. */
export const expiry: Scenario = {
  name: "expiry",
  help: "holds that end before they are paid, under a clock that is wrong",
  stages: [
    {
      name: "separate",
      topology: "separate",
      share: 1,
      kinds: ["wrong_clock"],
      workload: { mix: { buy: 10, lapse: 40, abandon: 2, cart: 10, browse: 5 } },
      operations: ["hold", "confirm", "extend"],
      needsSoldOut: false,
    },
  ],
};
