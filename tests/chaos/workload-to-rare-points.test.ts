import { expect, onTestFinished, test } from "vitest";
import { openTestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { openWorkload } from "./open-workload.ts";

test("clients who change one cart in several places and sell out what is restocked are all answered", async () => {
  const service = await openTestService({ demo: true });
  // Fails unless every event's counters are what its reservations add up to.
  onTestFinished(() => service.close());
  const { url, dataDir, keys } = service;
  const opened = await openWorkload({
    url,
    adminKey: keys.admin,
    rate: 100,
    options: { dataDir, mix: { race_cart: 3, sell_down: 1 }, eventsAtOnce: 14 },
  });
  onTestFinished(() => opened.close());
  const { workload } = opened;
  const wanted = ["put_item 200", "remove_item 200", "hold 201", "confirm 200", "deliver 200"];
  const isDone = () => wanted.every((each) => workload.tally.has(each)) && hasBought(workload.tally);
  await waitFor("every kind of call to be done", isDone, 15_000);
  expect(await workload.finish(15_000)).toBe(0);
});

function hasBought(tally: ReadonlyMap<string, number>): boolean {
  return [...tally.keys()].some((each) => /^check_out 20\d$/.test(each));
}
