import { expect, onTestFinished, test } from "vitest";
import { rarePoints } from "../../chaos/scenarios/kill-points.ts";
import { openTestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { openWorkload } from "./open-workload.ts";

const limitMs = 60_000;

test(
  "clients on their way to rare points do all that the scenario asks for, and are all answered",
  { timeout: 2 * limitMs },
  async () => {
    const service = await openTestService({ demo: true });
    // Fails unless every event's counters are what its reservations add up to.
    onTestFinished(() => service.close());
    const { url, dataDir, keys } = service;
    const [stage] = rarePoints.stages;
    const options = { dataDir, ...stage?.workload };
    const opened = await openWorkload({ url, adminKey: keys.admin, rate: 100, options });
    onTestFinished(() => opened.close());
    const { workload } = opened;
    const wanted = [...(stage?.operations ?? []), "remove_item"];
    const isDone = () => {
      const done = [...workload.tally.keys()].filter((each) => / 2\d\d$/.test(each));
      return wanted.every((name) => done.some((each) => each.startsWith(`${name} `)));
    };
    await waitFor("every kind of call to be done", isDone, limitMs);
    expect(await workload.finish(limitMs)).toBe(0);
  },
);
