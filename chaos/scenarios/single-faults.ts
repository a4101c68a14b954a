import { faultCatalog } from "../faults/fault-catalog.ts";
import type { FaultKind, Operation } from "../history/history-entry.ts";
import type { Scenario } from "./scenario.ts";

const mostOften: readonly Operation[] = ["hold", "confirm"];

/** For each kind of fault a run with that kind alone, by its name. */
export const singleFaults: readonly Scenario[] = [...new Set(faultCatalog.map(({ kind }) => kind))].map(
  scenarioOf,
);

function scenarioOf(kind: FaultKind): Scenario {
  const numbers = faultCatalog.filter((fault) => fault.kind === kind).map(({ number }) => number);
  return {
    name: kind.replaceAll("_", "-"),
    help: `row ${numbers[0] ?? 0} of the table of faults alone`,
    stages: [
      {
        name: "separate",
        topology: "separate",
        share: 1,
        kinds: [kind],
        operations: mostOften,
        needsSoldOut: false,
        hasSmallDisk: kind === "disk_full",
      },
    ],
  };
}
