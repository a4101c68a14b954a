import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChaosError } from "../../chaos/chaos-error.ts";
import { type MisbehavingService, problem, startMisbehavingService } from "../clients/misbehaving-service.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { openWorkload, type TestWorkload } from "./open-workload.ts";

let service: TestService;
let network: MisbehavingService;
let opened: TestWorkload | null;
let unhandled: unknown[];
const noteUnhandled = (error: unknown) => unhandled.push(error);

beforeEach(async () => {
  unhandled = [];
  process.on("unhandledRejection", noteUnhandled);
  opened = null;
  service = await openTestService({ demo: true });
  network = await startMisbehavingService(service.url);
  network.will("forward");
});
afterEach(async () => {
  process.off("unhandledRejection", noteUnhandled);
  await opened?.close();
  await network.close();
  // Fails unless every event's counters are what its reservations add up to.
  await service.close();
  if (unhandled.length > 0) throw new Error("A rejection was not handled.", { cause: unhandled[0] });
});

async function open(rate = 50, options = {}): Promise<TestWorkload> {
  const { keys, dataDir } = service;
  opened = await openWorkload({
    url: network.url,
    adminKey: keys.admin,
    rate,
    options: { dataDir, attemptMaxMs: 2_000, inFlightMax: 40, ...options },
  });
  return opened;
}

/** Generous: other work may have the machine busy. */
const testMaxMs = 90_000;

describe("through outages, the workload", { timeout: testMaxMs }, () => {
  test("settles all calls whose answers were lost, each with one effect", async () => {
    const { workload, readCalls } = await open();
    await waitFor("answers", () => workload.acknowledged > 50, 30_000);
    for (const fault of ["lose", "reset", "half"] as const) {
      const before = workload.unknown;
      network.will(fault);
      await waitFor("unknowns", () => workload.unknown > before + 10, 30_000);
      network.will("forward");
      await workload.nextAcknowledgement(AbortSignal.timeout(20_000));
    }
    expect(await workload.finish(30_000)).toBe(0);
    const entries = await readCalls();
    const keyed = entries.filter(({ f, type, key }) => f === "hold" && type === "ok" && key !== null);
    const ids = new Map(keyed.map(({ call, reservation_id: id }) => [call, id]));
    expect(new Set(ids.values()).size).toBe(ids.size);
    const lost = entries.filter(({ type, attempt }) => type === "ok" && attempt > 1);
    expect(lost.length).toBeGreaterThan(0);
  });

  test("begins no more than it has room for, and counts what it did not begin", async () => {
    const { workload } = await open(500);
    network.will("silence");
    await waitFor("no room", () => workload.inFlight >= 40 && workload.dropped > 50, 30_000);
    expect(workload.inFlight).toBeLessThanOrEqual(80);
    expect(workload.unsettled).toBeLessThanOrEqual(200);
    network.will("forward");
    workload.setRate(20);
    expect(await workload.finish(30_000)).toBe(0);
  });

  test("is told how many calls are left when nothing is answered any more", async () => {
    const { workload } = await open();
    await waitFor("answers", () => workload.acknowledged > 20, 30_000);
    network.will(problem(503, "database_unavailable", { "retry-after": "1" }));
    await waitFor("unknowns", () => workload.unknown > 20);
    expect(await workload.finish(300)).toBeGreaterThan(0);
    expect(workload.inFlight).toBe(0);
  });

  test("ends at once when it is aborted, with requests under way", async () => {
    const { workload, abort } = await open();
    network.will("silence");
    await waitFor("requests without an answer", () => workload.inFlight > 5);
    abort();
    await waitFor("the end of all of them", () => workload.inFlight === 0);
    expect(await workload.finish(10_000)).toBeGreaterThan(0);
  });

  test("does not begin where its key is refused", async () => {
    network.will(problem(401, "unauthorized"));
    await expect(open()).rejects.toThrow(ChaosError);
  });

  test("comes for the last tickets with many at once, when that is all it is to do", async () => {
    const { workload, readCalls } = await open(300, {
      mix: { lock_race: 1 },
      eventsAtOnce: 1,
      inFlightMax: 100,
    });
    const heard = ["hold all_held", "confirm 200", "cancel 200"];
    await waitFor(
      "an event to be fought over",
      () => heard.every((each) => workload.tally.has(each)),
      30_000,
    );
    expect(await workload.finish(30_000)).toBe(0);
    const asked = new Set((await readCalls()).map(({ f }) => f));
    expect([...asked].toSorted()).toEqual(["cancel", "change_event", "confirm", "hold"]);
  });
});
