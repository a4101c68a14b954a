import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../support/answer.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService();
});
afterAll(() => service.close());

function expectReplay(replay: Answer, first: Answer): void {
  expect(replay).toMatchObject({ status: first.status, text: first.text });
  expect(replay.headers["content-type"]).toBe(first.headers["content-type"]);
  expect(replay.headers["idempotent-replayed"]).toBe("true");
  expect(first.headers["idempotent-replayed"]).toBeUndefined();
}

describe("a request that is repeated under its key", () => {
  test("gets the first reply to the byte and has no second effect", async () => {
    const event = await service.createEvent();
    const first = await service.askForHold(event.id, "ada", { idempotencyKey: "order 1" });
    expect(first.status).toBe(201);
    expectReplay(await service.askForHold(event.id, "ada", { idempotencyKey: "order 1" }), first);
    expect(await service.readEvent(event.id)).toMatchObject({ held: 1, version: 2 });
  });

  test("gets the first refusal again, even when it would succeed by now", async () => {
    const event = await service.createEvent({ capacity: 0 });
    const refused = await service.askForHold(event.id, "ada", { idempotencyKey: "order 2" });
    expect(refused).toMatchObject({ status: 409, body: { code: "sold_out" } });
    await service.send("patch", `/v1/events/${event.id}`, { as: service.keys.admin, body: { capacity: 5 } });
    expectReplay(await service.askForHold(event.id, "ada", { idempotencyKey: "order 2" }), refused);
    expect(await service.askForHold(event.id, "ada", { idempotencyKey: "order 3" })).toMatchObject({
      status: 201,
    });
  });

  test("gets the reply of the time, whatever happened to the reservation since", async () => {
    const event = await service.createEvent();
    const held = await service.askForHold(event.id, "ada", { idempotencyKey: "h" });
    const id = String(held.body["id"]);
    for (const change of ["extend", "confirm", "cancel"] as const) {
      const first = await service.change(id, change, { idempotencyKey: "same key, other paths" });
      expect(first.status).toBe(200);
      expectReplay(await service.change(id, change, { idempotencyKey: "same key, other paths" }), first);
    }
    expectReplay(await service.askForHold(event.id, "ada", { idempotencyKey: "h" }), held);
    expect(await service.readEvent(event.id)).toMatchObject({ available: 10, held: 0, sold: 0 });
  });

  test("is one request when defaults are spelled out, members reordered, or the key quoted", async () => {
    const event = await service.createEvent();
    const first = await service.askForHold(event.id, "ada", { idempotencyKey: "k 4" });
    const path = `/v1/events/${event.id}/reservations`;
    const body = { quantity: 1, user_id: "ada" };
    expectReplay(
      await service.send("post", path, { as: service.keys.service, body, idempotencyKey: '"k 4"' }),
      first,
    );
    expect(await service.readEvent(event.id)).toMatchObject({ held: 1, version: 2 });
  });

  test("pauses and resumes once", async () => {
    const event = await service.createEvent();
    const pause = () =>
      service.send("post", `/v1/events/${event.id}/pause`, {
        as: service.keys.admin,
        body: { reason: "Rain" },
        idempotencyKey: "p",
      });
    const first = await pause();
    await service.send("post", `/v1/events/${event.id}/resume`, { as: service.keys.admin });
    expectReplay(await pause(), first);
    expect(await service.readEvent(event.id)).toMatchObject({ status: "on_sale" });
  });

  test("has one effect when both copies come at once, through two services", async () => {
    const other = await openTestService({ database: service.database });
    try {
      const event = await service.createEvent({ capacity: 500 });
      for (let round = 0; round < 10; round += 1) {
        const sent = { as: service.keys.service, idempotencyKey: `twice ${round}` };
        const copies = [service, other, service, other].map((one) =>
          one.askForHold(event.id, `user ${round}`, sent),
        );
        const answers = await Promise.all(copies);
        const definite = answers.filter((answer) => answer.body["code"] !== "idempotency_in_progress");
        expect(new Set(definite.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
        expect(definite[0]?.status).toBe(201);
        expect(definite.filter(({ headers }) => headers["idempotent-replayed"] === undefined)).toHaveLength(
          1,
        );
      }
      expect(await service.readEvent(event.id)).toMatchObject({ held: 10 });
    } finally {
      await other.close();
    }
  });
});

describe("a key", () => {
  test("does not serve another body", async () => {
    const event = await service.createEvent();
    await service.askForHold(event.id, "ada", { idempotencyKey: "mine" });
    const mismatch = await service.askForHold(event.id, "bob", { idempotencyKey: "mine" });
    expect(mismatch).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    expect(await service.readEvent(event.id)).toMatchObject({ held: 1 });
  });

  test("is separate on each path", async () => {
    const [one, two] = [await service.createEvent(), await service.createEvent()];
    const answers = await Promise.all(
      [one, two].map((event) => service.askForHold(event.id, "ada", { idempotencyKey: "both" })),
    );
    expect(answers.map(({ status, body }) => [status, body["event_id"]])).toEqual([
      [201, one.id],
      [201, two.id],
    ]);
  });

  test("may have 255 characters, and more or none are refused before any effect", async () => {
    const event = await service.createEvent();
    const refuse = async (idempotencyKey: string) => {
      const answer = await service.askForHold(event.id, "bob", { idempotencyKey });
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: "/Idempotency-Key" }] } });
    };
    await refuse("a".repeat(256));
    await refuse('""');
    await refuse("caf\u00e9");
    expect(await service.askForHold(event.id, "ada", { idempotencyKey: "a".repeat(255) })).toMatchObject({
      status: 201,
    });
    expect(await service.readEvent(event.id)).toMatchObject({ held: 1 });
  });

  test("answers that its request is in progress until it is answered, then replays", async () => {
    const event = await service.createEvent();
    const blocker = await service.database.connect();
    await blocker.query("begin");
    await blocker.query("select 1 from events where id = $1 for update", [event.id]);
    const first = service.askForHold(event.id, "ada", { idempotencyKey: "slow" });
    const meanwhile = await waitFor("the first request to wait", async () => {
      const answer = await service.askForHold(event.id, "ada", { idempotencyKey: "slow" });
      return answer.body["code"] === "idempotency_in_progress" && answer;
    });
    expect(meanwhile).toMatchObject({ status: 409, headers: { "retry-after": "1" } });
    await blocker.query("rollback");
    expect(await first).toMatchObject({ status: 201 });
    expectReplay(await service.askForHold(event.id, "ada", { idempotencyKey: "slow" }), await first);
  });
});

test("a hold that is cancelled under a key leaves no memory that refuses the next hold", async () => {
  const event = await service.createEvent();
  const { id } = await service.hold(event.id, "ada");
  await service.change(id, "cancel", { idempotencyKey: "c" });
  expect(await service.askForHold(event.id, "ada")).toMatchObject({ status: 201 });
});
