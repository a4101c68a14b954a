import { sweepPoints } from "../kill-points/sweep-points.ts";
import { tellSweep } from "../kill-points/sweep-report.ts";
import type { Scenario } from "./scenario.ts";

/** So often each pair of point and victim is struck, if there is time. */
const strikesEach = 20;

/** Worker, backend and postmaster are killed before and after every statement, and around every reply. */
export const killPoints: Scenario = {
  name: "kill-points",
  help: `worker, backend and postmaster are killed at every named point, each ${strikesEach} times if there is time`,
  stages: [
    {
      name: "separate",
      topology: "separate",
      share: 1,
      kinds: ["worker_kill", "backend_kill", "postmaster_kill"],
      attack: async ({ system, inject, random, signal, durationMs, note }) => {
        const report = await sweepPoints({ system, inject, random, signal, durationMs, strikesEach });
        for (const line of tellSweep(report)) note(line);
      },
    },
  ],
};
