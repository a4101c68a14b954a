import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService();
});
afterAll(() => service.close());

const pause = (eventId: string, reason: string) =>
  service.send("post", `/v1/events/${eventId}/pause`, { as: service.keys.admin, body: { reason } });
const resume = (eventId: string) =>
  service.send("post", `/v1/events/${eventId}/resume`, { as: service.keys.admin });

test("paused sales refuse holds with the reason, and resumed ones take them again", async () => {
  const event = await service.createEvent();
  expect(await pause(event.id, "The hall is flooded")).toMatchObject({
    status: 200,
    body: { status: "paused" },
  });
  const refused = await service.askForHold(event.id, "ada");
  expect(refused).toMatchObject({
    status: 409,
    body: { code: "sales_paused", detail: expect.stringContaining("The hall is flooded") },
  });
  expect(await resume(event.id)).toMatchObject({ status: 200, body: { status: "on_sale" } });
  expect(await service.askForHold(event.id, "ada")).toMatchObject({ status: 201 });
});

test("a pause ends no hold: it can still be confirmed", async () => {
  const event = await service.createEvent();
  const { id } = await service.hold(event.id, "ada");
  await pause(event.id, "Checking the seats");
  expect(await service.change(id, "confirm")).toMatchObject({ status: 200, body: { status: "confirmed" } });
});

test("each pause and resume is audited with who and why, and asking twice is not another entry", async () => {
  const event = await service.createEvent();
  await pause(event.id, "First");
  await pause(event.id, "First");
  await pause(event.id, "Second");
  await resume(event.id);
  expect(await resume(event.id)).toMatchObject({ status: 200, body: { version: 4 } });
  const audits = await service.database.query(
    "select action, reason, actor, at > now() - interval '1 minute' as recent from event_audits where event_id = $1 order by id",
    [event.id],
  );
  const entry = { recent: true, actor: expect.stringMatching(/^key /) };
  expect(audits).toEqual([
    { ...entry, action: "paused", reason: "First" },
    { ...entry, action: "paused", reason: "Second" },
    { ...entry, action: "resumed", reason: null },
  ]);
});

test("pausing or resuming an event that does not exist is 404", async () => {
  const id = "00000000-0000-7000-8000-000000000000";
  expect(await pause(id, "x")).toMatchObject({ status: 404, body: { code: "event_not_found" } });
  expect(await resume(id)).toMatchObject({ status: 404, body: { code: "event_not_found" } });
});

test("a pause without a reason is refused", async () => {
  const event = await service.createEvent();
  const refused = await service.send("post", `/v1/events/${event.id}/pause`, { as: service.keys.admin });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: "/reason" }] } });
});
