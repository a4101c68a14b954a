import { embedded, everything } from "./everything.ts";
import { killPoints, rarePoints } from "./kill-points.ts";
import { calm, expiry, lockRace, postmasterKills, workerKills } from "./narrow-scenarios.ts";
import type { Scenario } from "./scenario.ts";
import { singleFaults } from "./single-faults.ts";

/** Every run that can be asked for, the usual one first. */
export const scenarios: readonly [Scenario, ...Scenario[]] = [
  everything,
  embedded,
  calm,
  lockRace,
  workerKills,
  postmasterKills,
  expiry,
  killPoints,
  rarePoints,
  ...singleFaults,
];

/** @returns undefined when no scenario has that name */
export function findScenario(name: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.name === name);
}
