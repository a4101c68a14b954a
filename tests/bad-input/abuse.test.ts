import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Operation, operations } from "../../api/contract/operations.ts";
import { openTestOperations, type TestOperations } from "../operations/open-test-operations.ts";
import { cartCalls } from "../support/cart-calls.ts";
import { expectNoEffect } from "../support/expect-no-effect.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;
let other: TestService;
let tested: TestOperations;

beforeAll(async () => {
  service = await openTestService();
  other = await openTestService({ database: service.database });
  const { connectionString } = service.database;
  tested = await openTestOperations({ connectionString, isStarted: false });
});
afterAll(async () => {
  await tested.close();
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

test("(22) one user with 50 parallel requests under different keys gets one 201", async () => {
  const event = await service.createEvent({ capacity: 100 });
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? service : other).askForHold(event.id, "eager", { idempotencyKey: `try ${index}` }),
    ),
  );
  expect(countBy(answers)).toEqual({ "201 held": 1, "409 duplicate_reservation": 49 });
  const id = answers.find(({ status }) => status === 201)?.body["id"];
  const named = answers.filter(({ status }) => status === 409).map(({ body }) => body["reservation_id"]);
  expect(new Set(named)).toEqual(new Set([id]));
  expect(await service.readEvent(event.id)).toMatchObject({ available: 99, held: 1, sold: 0 });
});

test("(22) so does one user with 50 parallel requests for carts of different ids", async () => {
  const event = await service.createEvent({ capacity: 100 });
  const carts = [service, other].map(cartCalls);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      carts[index % 2]?.put(randomUUID(), event.id, { userId: "eager" }),
    ),
  );
  const statuses = answers.map((answer) => answer?.status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 409)).toHaveLength(49);
  expect(await service.readEvent(event.id)).toMatchObject({ available: 99, held: 1, sold: 0 });
});

const wrongMethods = [
  ["put", "/v1/events", "GET, POST"],
  ["delete", "/v1/events", "GET, POST"],
  ["post", "/v1/events/x", "GET, PATCH"],
  ["get", "/v1/reservations/x/confirm", "POST"],
  ["patch", "/v1/reservations/x", "GET"],
  ["get", "/v1/api-keys/x", "DELETE"],
  ["options", "/v1/buyer-tokens", "POST"],
  ["post", "/v1/carts/x", "GET"],
  ["get", "/v1/carts/x/items/x", "DELETE, PUT"],
  ["patch", "/v1/carts/x/items/x", "DELETE, PUT"],
  ["get", "/v1/carts/x/checkout", "POST"],
  ["put", "/v1/carts/x/extend", "POST"],
  ["post", "/v1/orders", "GET"],
  ["delete", "/v1/orders/x", "GET"],
  ["get", "/v1/orders/x/refund", "POST"],
  ["post", "/v1/events/x/stream", "GET"],
  ["delete", "/v1/stream", "GET"],
  ["get", "/v1/payment-webhooks/stripe", "POST"],
] as const;

test.each(wrongMethods)(
  "(24) %s %s is answered with 405, and with the methods that are allowed",
  async (method, address, allow) => {
    const answer = await expectNoEffect(service.database, () =>
      service.send(method, address, { as: service.keys.admin }),
    );
    expect(answer).toMatchObject({ status: 405, body: { code: "method_not_allowed" }, headers: { allow } });
  },
);

test("(24) every address of the contract names exactly its methods, whatever else is sent", async () => {
  const byPath = Map.groupBy(Object.values(operations) as Operation[], ({ path }) => path);
  for (const [path, known] of byPath) {
    const methods = known.map(({ method }) => method.toUpperCase());
    const wrong = (["get", "post", "put", "patch", "delete"] as const).filter(
      (method) => !methods.includes(method.toUpperCase()),
    );
    for (const method of wrong) {
      const address = path.replaceAll(/\{\w+\}/g, () => randomUUID());
      const answer = await service.send(method, address, { as: service.keys.admin });
      expect({ method, path, status: answer.status, allow: answer.headers["allow"] }).toEqual({
        method,
        path,
        status: 405,
        allow: methods.sort().join(", "),
      });
    }
  }
});

const wrongOperations: [method: string, address: string, allow: string][] = [
  ["POST", "/ops/v1/overview", "GET, HEAD"],
  ["DELETE", "/metrics", "GET, HEAD"],
  ["PUT", "/", "GET, HEAD"],
  ["GET", "/ops/v1/sales/x/pause", "POST"],
  ["OPTIONS", "/ops/v1/jobs/x/run", "POST"],
];

test.each(wrongOperations)(
  "(24) the operations listener answers %s %s likewise",
  async (method, address, allow) => {
    const answer = await expectNoEffect(service.database, () => tested.send(address, { method }));
    expect([answer.status, answer.headers["allow"]]).toEqual([405, allow]);
    expect(JSON.parse(answer.text)).toMatchObject({ code: "method_not_allowed" });
  },
);
