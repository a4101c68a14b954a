import { afterEach, beforeEach, expect, test } from "vitest";
import { MetricRecorder } from "../../api/kernel/record-metrics.ts";
import { Desk } from "../../api/desk/desk.ts";
import { makeReservationId } from "../../api/kernel/ids.ts";
import { lockEvent, waitUntilBlocked } from "../support/lock-event.ts";
import { makeOverdue } from "../support/move-deadline.ts";
import { claimOf, holdOf } from "../support/open-test-desk.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";
import { type CountedSoFar, followRecorder } from "./read-totals.ts";

let service: TestService;
let counted: CountedSoFar;

beforeEach(async () => {
  service = await openTestService();
  counted = followRecorder(service.services.recorder);
});
afterEach(() => service.close());

test("every outcome is counted once, in the words of the domain", async () => {
  const event = await service.createEvent({ capacity: 2, max_extensions: 1 });
  const ada = await service.hold(event.id, "ada");
  await service.change(ada.id, "extend");
  await service.change(ada.id, "extend");
  await service.change(ada.id, "confirm");
  const bob = await service.hold(event.id, "bob");
  await service.change(bob.id, "cancel");
  await service.change("0190163d-8694-739b-aea5-966c26f8ad91", "confirm");
  await service.send("patch", `/v1/events/${event.id}`, { as: service.keys.admin, body: { capacity: 0 } });
  await service.send("patch", `/v1/events/${event.id}`, { as: service.keys.admin, body: { name: "Gig" } });
  expect(counted.outcomes()).toEqual({
    held: 2,
    extended: 1,
    extension_limit: 1,
    confirmed: 1,
    cancelled: 1,
    reservation_not_found: 1,
    capacity_too_low: 1,
    event_changed: 1,
  });
});

test("a hold that the sweeper releases is counted as expired", async () => {
  const event = await service.createEvent();
  const { id } = await service.hold(event.id, "ada");
  await makeOverdue(service.database, id);
  await waitFor("the sweeper", async () => (await service.readEvent(event.id)).available === 10);
  await waitFor("its outcome", () => counted.outcomes()["expired"] === 1);
  expect(counted.outcomes()).toMatchObject({ held: 1, expired: 1 });
});

test("a request with a key counts as what was decided; the same again as replayed, another as a mismatch", async () => {
  const event = await service.createEvent({ capacity: 1 });
  await service.askForHold(event.id, "ada", { idempotencyKey: "a" });
  await service.askForHold(event.id, "bob", { idempotencyKey: "b" });
  await service.askForHold(event.id, "bob", { idempotencyKey: "b" });
  await service.askForHold(event.id, "cyd", { idempotencyKey: "b" });
  expect(counted.outcomes()).toEqual({ held: 1, all_held: 1, replayed: 1, idempotency_mismatch: 1 });
});

test("a refusal from memory is counted like one of the desk, and as spared work besides", async () => {
  const event = await service.createEvent({ capacity: 0 });
  for (let count = 0; count < 20; count += 1) await service.askForHold(event.id, `user ${count}`);
  expect(counted.outcomes()).toEqual({ sold_out: 20 });
  const [fromMemory] = counted.totals.series("holdfast_gate_refusals_total");
  expect(fromMemory?.value).toBeGreaterThan(0);
  expect(fromMemory?.value).toBeLessThan(20);
});

test("commands that never reach a transaction are counted: overloaded, in progress, failed, unavailable", async () => {
  const recorder = new MetricRecorder();
  const ofDesk = followRecorder(recorder);
  const { connectionString } = service.database;
  const desk = new Desk({
    connectionString,
    makeId: makeReservationId,
    recorder,
    onReport: () => {},
    onTrouble: () => {},
    limits: { queueMax: 2 },
  });
  const event = await service.createEvent();
  const release = await lockEvent(service.database, event.id);
  const first = desk.submit(holdOf(event.id, "ada"), claimOf("0190163d-8694-739b-aea5-966c26f8ad91"));
  await waitUntilBlocked(service.database);
  await desk.submit(holdOf(event.id, "ada"), claimOf("0190163d-8694-739b-aea5-966c26f8ad91"));
  const waiting = [desk.submit(holdOf(event.id, "bob")), desk.submit(holdOf(event.id, "cyd"))];
  await desk.submit(holdOf(event.id, "dan"));
  expect(ofDesk.outcomes()).toEqual({ idempotency_in_progress: 1, overloaded: 1 });
  await release();
  await Promise.all([first, ...waiting]);
  expect(ofDesk.outcomes()).toMatchObject({ held: 3 });
  // Only a defect sends the database a user that it cannot store.
  await expect(desk.submit(holdOf(event.id, "\0"))).rejects.toThrow("0x00");
  expect(ofDesk.outcomes()).toMatchObject({ held: 3, failed: 1 });
  await desk.stop();
  await desk.submit(holdOf(event.id, "eva"));
  expect(ofDesk.outcomes()).toMatchObject({ overloaded: 2 });
});

test("a database that is away is counted as such", async () => {
  const recorder = new MetricRecorder();
  const ofDesk = followRecorder(recorder);
  const desk = new Desk({
    connectionString: "postgres://nobody@127.0.0.1:1/none",
    makeId: makeReservationId,
    recorder,
    onReport: () => {},
    onTrouble: () => {},
  });
  const event = await service.createEvent();
  await Promise.all([desk.submit(holdOf(event.id, "ada")), desk.submit(holdOf(event.id, "bob"))]);
  await desk.submit(holdOf(event.id, "cyd"));
  expect(ofDesk.outcomes()).toEqual({ database_unavailable: 3 });
  await desk.stop();
});

test("the sizes of batches add up to the commands that were served", async () => {
  const event = await service.createEvent({ capacity: 100 });
  const event2 = await service.createEvent({ capacity: 100 });
  const release = await lockEvent(service.database, event2.id);
  const locked = service.askForHold(event2.id, "ada");
  await waitUntilBlocked(service.database);
  await Promise.all(Array.from({ length: 40 }, (_, index) => service.askForHold(event.id, `user ${index}`)));
  await release();
  await locked;
  const [sizes] = counted.totals.series("holdfast_batch_size");
  expect(sizes?.sum).toBe(41);
  expect(sizes?.counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(41);
});
