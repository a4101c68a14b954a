import { describe, expect, test } from "vitest";
import { faultCatalog } from "../../chaos/faults/fault-catalog.ts";
import { planFaults, type PlannedFault } from "../../chaos/run/plan-faults.ts";
import { everything } from "../../chaos/scenarios/everything.ts";
import { scenarios } from "../../chaos/scenarios/scenario-catalog.ts";
import type { Stage } from "../../chaos/scenarios/scenario.ts";
import { SeededRandom } from "../../chaos/seeded-random.ts";

function draw(stage: Stage, seed: number) {
  return planFaults({
    catalog: faultCatalog,
    topology: stage.topology,
    kinds: stage.kinds,
    weights: stage.weights ?? {},
    random: new SeededRandom(seed),
  });
}

function take(lane: Iterator<PlannedFault, undefined>, count: number): PlannedFault[] {
  return Array.from({ length: count }, () => lane.next().value).filter((each) => each !== undefined);
}

const tell = ({ fault, pauseMs, random }: PlannedFault) => `${fault.kind} ${pauseMs} ${random.next()}`;
const [separate] = everything.stages;
if (separate === undefined) throw new Error("There is no stage.");

describe("the plan of faults", () => {
  test("is the same for the same seed, and another one for another", () => {
    const tellPlan = (seed: number) => {
      const { heavy, light } = draw(separate, seed);
      return [...take(heavy, 60), ...take(light, 60)].map(tell);
    };
    expect(tellPlan(1)).toEqual(tellPlan(1));
    expect(tellPlan(1)).not.toEqual(tellPlan(2));
  });

  test.each(scenarios.filter(({ stages }) => stages.every(({ attack }) => attack === undefined)))(
    "of $name has every kind of each stage in its first round",
    ({ stages }) => {
      for (const stage of stages) {
        const { heavy, light } = draw(stage, 3);
        const first = [...take(heavy, 20), ...take(light, 20)].filter(({ round }) => round === 0);
        expect(new Set(first.map(({ fault }) => fault.kind))).toEqual(new Set(stage.kinds));
      }
    },
  );

  test("brings a kind as often as its weight says", () => {
    const { heavy } = draw(separate, 4);
    const counts = Map.groupBy(
      take(heavy, 2_000).filter(({ round }) => round === 1),
      ({ fault }) => fault.kind,
    );
    expect(counts.get("worker_kill")?.length).toBe(separate.weights?.worker_kill);
    expect(counts.get("overload")?.length).toBe(1);
  });

  test("of everything has all kinds of faults that there are", () => {
    const kinds = new Set(everything.stages.flatMap((stage) => stage.kinds));
    expect(kinds).toEqual(new Set(faultCatalog.map(({ kind }) => kind)));
    expect(new Set(faultCatalog.map(({ number }) => number)).size).toBe(14);
  });

  test("shares the time of a run among its stages", () => {
    for (const { stages } of scenarios)
      expect(stages.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });
});
