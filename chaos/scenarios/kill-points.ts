import { sweepPoints, type SweepOptions } from "../kill-points/sweep-points.ts";
import { tellSweep } from "../kill-points/sweep-report.ts";
import { hurryJobs } from "../system/hurry-jobs.ts";
import type { AttackContext, Scenario, Stage } from "./scenario.ts";

/** So often each pair of point and victim is struck, if there is time. */
const strikesEach = 20;

const place = {
  name: "separate",
  topology: "separate",
  share: 1,
  kinds: ["worker_kill", "backend_kill", "postmaster_kill"],
} as const satisfies Stage;

async function sweep(
  context: AttackContext,
  limits: Pick<SweepOptions, "perSecondMin" | "isPatient"> = {},
): Promise<void> {
  const { note, noteStrikes, earlierStrikes, ...parts } = context;
  const report = await sweepPoints({ ...parts, ...limits, strikesEach, earlier: earlierStrikes });
  for (const line of tellSweep(report)) note(line);
  noteStrikes(report.strikes);
}

/** Worker, backend and postmaster are killed before and after every statement, and around every reply. */
export const killPoints: Scenario = {
  name: "kill-points",
  help: `worker, backend and postmaster are killed at every named point, each ${strikesEach} times if there is time`,
  stages: [{ ...place, attack: (context) => sweep(context) }],
};

/** A point that is passed twice a minute is worth waiting for, when nothing else is left. */
const rarestPerSecond = 0.03;

/**
 * The same, with clients who go where others seldom come by: they change one cart in several places at once and buy out what
 * is delivered again, and an operator has old records deleted again and again.
 */
export const rarePoints: Scenario = {
  name: "rare-points",
  help: "as kill-points, with clients who go where others seldom come by; made to continue a sweep",
  stages: [
    {
      ...place,
      workload: {
        mix: { race: 4, race_cart: 20, cart: 6, verify: 3, sell_down: 8, deliver: 4 },
        eventsAtOnce: 14,
        // Two workers that ask for the same row at the same moment need both of them to be asked, also after one was replaced.
        requestsPerConnectionMax: 5,
      },
      operations: ["hold", "confirm", "put_item", "deliver"],
      attack: async (context) => {
        const over = new AbortController();
        const hurrying = hurryJobs(context.system, ["delete-old-records", "audit-stock"], over.signal);
        try {
          await sweep(context, { perSecondMin: rarestPerSecond, isPatient: true });
        } finally {
          over.abort();
          await hurrying;
        }
      },
    },
  ],
};
