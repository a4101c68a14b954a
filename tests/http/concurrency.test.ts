import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";

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

const countBy = (answers: readonly { status: number; body: Readonly<Record<string, unknown>> }[]) => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const kind = `${status} ${String(body["code"] ?? body["status"])}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
};

test("500 buyers at once get exactly the 100 tickets that there are", async () => {
  const event = await service.createEvent({ capacity: 100 });
  const answers = await Promise.all(
    Array.from({ length: 500 }, (_, index) => service.askForHold(event.id, `user ${index}`)),
  );
  expect(countBy(answers)).toEqual({ "201 held": 100, "409 all_held": 400 });
  expect(await service.readEvent(event.id)).toMatchObject({ available: 0, held: 100, sold: 0 });
});

test("two services that sell one event sell it exactly once", async () => {
  const event = await service.createEvent({ capacity: 60, max_quantity: 3 });
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      (index % 2 === 0 ? service : other).askForHold(event.id, `user ${index}`, {
        quantity: (index % 3) + 1,
      }),
    ),
  );
  const held = answers.filter(({ status }) => status === 201);
  expect(held.reduce((sum, { body }) => sum + Number(body["quantity"]), 0)).toBe(60);
  expect(await service.readEvent(event.id)).toMatchObject({ available: 0, held: 60, sold: 0 });
});

test("a hold that is confirmed and cancelled at the same time ends as one of the two, with its stock", async () => {
  const event = await service.createEvent({ capacity: 20 });
  const holds = await Promise.all(
    Array.from({ length: 20 }, (_, index) => service.hold(event.id, `user ${index}`)),
  );
  await Promise.all(
    holds.flatMap(({ id }) => [
      service.change(id, "confirm"),
      other.change(id, "cancel", { as: other.keys.service }),
      other.change(id, "extend", { as: other.keys.service }),
    ]),
  );
  const { available, held, sold } = await service.readEvent(event.id);
  const rows = await service.database.query(
    `select count(*) filter (where status = 'confirmed')::int as confirmed,
       count(*) filter (where status = 'cancelled')::int as cancelled from reservations where event_id = $1`,
    [event.id],
  );
  expect({ available, held, sold }).toEqual({
    available: rows[0]?.["cancelled"],
    held: 0,
    sold: rows[0]?.["confirmed"],
  });
  expect(available + sold).toBe(20);
});
