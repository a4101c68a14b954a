import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lockEvent } from "../support/lock-event.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";

let service: TestService;
let other: TestService;

beforeAll(async () => {
  service = await openTestService();
  other = await openTestService({ database: service.database });
});
afterAll(async () => {
  await other.close();
  await service.close();
});

/** Asks without a key until this service refuses, so that it has a look at the event in memory. */
const learnRefusal = (one: TestService, eventId: string, code: string) =>
  waitFor(`the gate to refuse with ${code}`, async () => {
    const { status, body } = await one.askForHold(eventId, "nobody", { as: one.keys.service });
    return status === 409 && body["code"] === code;
  });

describe("the gate", () => {
  test("refuses the hopeless without the database, and lets requests with a key pass to the desk", async () => {
    const event = await service.createEvent({ capacity: 0 });
    await learnRefusal(service, event.id, "sold_out");
    const release = await lockEvent(service.database, event.id);
    let isKeyedAnswered = false;
    const keyed = service.askForHold(event.id, "keyed", { idempotencyKey: "k" }).then((answer) => {
      isKeyedAnswered = true;
      return answer;
    });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => service.askForHold(event.id, `user ${index}`)),
    );
    expect(answers.every(({ status, body }) => status === 409 && body["code"] === "sold_out")).toBe(true);
    expect(isKeyedAnswered).toBe(false);
    await release();
    expect(await keyed).toMatchObject({ status: 409, body: { code: "sold_out" } });
  });

  test("never grants: what it lets through is still refused at the desk", async () => {
    const event = await service.createEvent({ capacity: 1 });
    expect(
      service.services.gate.refuse({ kind: "hold", eventId: event.id, userId: "ada", quantity: 1 }),
    ).toBeNull();
    await other.askForHold(event.id, "bob", { as: other.keys.service });
    const refused = await service.askForHold(event.id, "ada");
    expect(refused).toMatchObject({ status: 409, body: { code: "all_held" } });
  });

  test.each([
    {
      by: "another service's cancel",
      act: (id: string) => other.change(id, "cancel", { as: other.keys.service }),
    },
    { by: "its own service's cancel", act: (id: string) => service.change(id, "cancel") },
  ])("is corrected by $by", async ({ act }) => {
    const event = await service.createEvent({ capacity: 1 });
    const { id } = await service.hold(event.id, "ada");
    await learnRefusal(service, event.id, "all_held");
    expect((await act(id)).status).toBe(200);
    await waitFor(
      "the ticket to be sold to another",
      async () => (await service.askForHold(event.id, "bob")).status === 201,
    );
    expect(await service.readEvent(event.id)).toMatchObject({ available: 0, held: 1 });
  });

  test("is corrected by a pause and a resume through another service", async () => {
    const event = await service.createEvent({ capacity: 5 });
    const tell = (path: string, body: object) =>
      other.send("post", `/v1/events/${event.id}/${path}`, { as: other.keys.admin, body });
    await tell("pause", { reason: "Rain" });
    await learnRefusal(service, event.id, "sales_paused");
    await tell("resume", {});
    await waitFor("sales to go on", async () => (await service.askForHold(event.id, "ada")).status === 201);
    expect(await service.readEvent(event.id)).toMatchObject({ status: "on_sale", held: 1 });
  });

  test("is corrected when capacity is added through another service", async () => {
    const event = await service.createEvent({ capacity: 0 });
    await learnRefusal(service, event.id, "sold_out");
    await other.send("patch", `/v1/events/${event.id}`, { as: other.keys.admin, body: { capacity: 1 } });
    await waitFor(
      "the new ticket to be sold",
      async () => (await service.askForHold(event.id, "ada")).status === 201,
    );
    expect(await service.readEvent(event.id)).toMatchObject({ capacity: 1, held: 1 });
  });

  test("lets sales begin by themselves when their time has come", async () => {
    const [row] = await service.database.query<{ soon: string }>(
      `select to_char((now() + interval '1 second') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as soon`,
    );
    const event = await service.createEvent({ sales_start_at: row?.soon });
    await learnRefusal(service, event.id, "sales_not_started");
    const held = await waitFor("sales to begin", async () => {
      const answer = await service.askForHold(event.id, "ada");
      return answer.status === 201 && answer;
    });
    expect(Date.parse(String(held.body["created_at"]))).toBeGreaterThanOrEqual(Date.parse(row?.soon ?? ""));
  });

  test("names the reservation to a user who clicks twice", async () => {
    const event = await service.createEvent();
    const { id } = await service.hold(event.id, "ada");
    const again = await Promise.all([1, 2, 3].map(() => service.askForHold(event.id, "ada")));
    for (const answer of again) {
      expect(answer).toMatchObject({
        status: 409,
        body: { code: "duplicate_reservation", reservation_id: id },
      });
    }
    await service.change(id, "cancel");
    expect(await service.askForHold(event.id, "ada")).toMatchObject({ status: 201 });
  });
});
