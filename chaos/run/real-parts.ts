import { startSystem } from "../system/start-system.ts";
import { startWorkload } from "../workload/start-workload.ts";
import { invariants } from "../model/verdict.ts";
import type { RunParts } from "./run-parts.ts";

/** What a real run is made of. */
export const realParts: RunParts = {
  startSystem,
  startWorkload,
  judge: async () => ({
    judgement: {
      breaches: [],
      counts: Object.fromEntries(invariants.map((each) => [each, 0])) as never,
      vacuous: ["Nobody has judged it."],
    },
    figures: {
      calls: 0,
      attempts: 0,
      acknowledged: {},
      unknowns: 0,
      replaysCompared: 0,
      lost: 0,
      duplicated: 0,
      oversold: 0,
      leaked: 0,
      eventsSoldOut: 0,
      longestCallMs: 0,
      lastFaultToSettledMs: null,
    },
    story: [],
  }),
  makeLiveCheck: () => () => [],
};
