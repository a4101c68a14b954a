import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { everyType, readLog } from "./open-listening-service.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService();
});
afterAll(() => service.close());

// Never asked: nothing happens here that would be told.
const url = "https://127.0.0.1:1/hooks";
const types = ["order.paid"];

const create = (body: unknown, idempotencyKey: string = randomUUID()) =>
  service.send("post", "/v1/webhook-endpoints", { as: service.keys.admin, body, idempotencyKey });
const remove = (id: unknown) =>
  service.send("delete", `/v1/webhook-endpoints/${String(id)}`, { as: service.keys.admin });
const list = () => service.send("get", "/v1/webhook-endpoints?limit=100", { as: service.keys.admin });

describe("a webhook endpoint", () => {
  test("shows its secret once, to whoever repeats the request as well, and to nobody else", async () => {
    const key = randomUUID();
    const created = await create({ url, event_types: everyType }, key);
    const secret = String(created.body["secret"]);
    expect(created).toMatchObject({
      status: 201,
      body: { url, event_types: everyType, status: "enabled", disabled_reason: null },
    });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(await create({ url, event_types: everyType }, key)).toMatchObject({
      text: created.text,
      headers: { "idempotent-replayed": "true" },
    });
    const listed = await list();
    expect(listed.text).toContain(String(created.body["id"]));
    expect(listed.text).not.toContain(secret);
    const kept = await service.database.query("select body from idempotency_records");
    expect(kept.length).toBeGreaterThan(0);
    expect(JSON.stringify(kept)).not.toContain(secret);
    expect((await remove(created.body["id"])).status).toBe(204);
  });

  test("is gone once it was deleted", async () => {
    const { body } = await create({ url, event_types: types });
    const path = `/v1/webhook-endpoints/${String(body["id"])}`;
    expect(await remove(body["id"])).toMatchObject({ status: 204, text: "" });
    expect((await list()).text).not.toContain(String(body["id"]));
    const missing = { status: 404, body: { code: "webhook_endpoint_not_found" } };
    const as = service.keys.admin;
    expect(await remove(body["id"])).toMatchObject(missing);
    expect(await service.send("post", `${path}/enable`, { as })).toMatchObject(missing);
    expect(await service.send("post", `${path}/rotate-secret`, { as })).toMatchObject(missing);
    expect(await service.send("get", `${path}/deliveries`, { as })).toMatchObject(missing);
    const resend = `${path}/messages/${randomUUID()}/resend`;
    expect(await service.send("post", resend, { as })).toMatchObject(missing);
    expect(await remove("no-uuid")).toMatchObject(missing);
  });

  test("can be one of 20, however many are asked for at once", async () => {
    const made = await Promise.all(Array.from({ length: 25 }, () => create({ url, event_types: types })));
    const full = made.filter(({ status }) => status === 409);
    expect(made.filter(({ status }) => status === 201)).toHaveLength(20);
    for (const { body } of full) expect(body).toMatchObject({ code: "webhook_endpoints_full" });
    expect(full).toHaveLength(5);
    for (const { body, status } of made) if (status === 201) await remove(body["id"]);
    expect((await create({ url, event_types: types })).status).toBe(201);
  });

  test.each([
    "ftp://shop.example/",
    "https://user:password@shop.example/",
    "https://shop.example/with space",
    "shop.example/hooks",
    "",
    `https://shop.example/${"a".repeat(2000)}`,
  ])("is refused at %s", async (bad) => {
    const refused = await create({ url: bad, event_types: types });
    expect(refused).toMatchObject({
      status: 422,
      body: { code: "validation_failed", errors: [{ pointer: "/url" }] },
    });
  });

  test.each([[], ["order.lost"], ["order.paid", "order.paid"], "order.paid", null])(
    "is refused for the types %j",
    async (event_types) => {
      const refused = await create({ url, event_types });
      expect(refused).toMatchObject({ status: 422, body: { code: "validation_failed" } });
    },
  );
});

test("a log is read in pages, newest first, and by status", async () => {
  const { body } = await create({ url, event_types: types });
  const id = String(body["id"]);
  // Far in the future, so that none of them is tried.
  await service.database.query(
    `with message as (
       insert into webhook_messages (id, type, subject_id, payload, created_at)
       select gen_random_uuid(), 'order.paid', gen_random_uuid(), '{}', now() from generate_series(1, 5)
       returning id, subject_id
     )
     insert into webhook_deliveries (endpoint_id, message_id, subject_id, status, next_try_at, created_at)
     select $1, id, subject_id, 'pending', now() + interval '1 hour', now() from message`,
    [id],
  );
  const all = await readLog(service, id);
  expect(all).toHaveLength(5);
  const ids = all.map((each) => each.id);
  expect(ids.map(Number)).toEqual(ids.map(Number).toSorted((a, b) => b - a));
  const first = await readLog(service, id, "limit=2");
  const second = await readLog(service, id, `limit=2&starting_after=${first[1]?.id}`);
  const back = await readLog(service, id, `limit=2&ending_before=${second[0]?.id}`);
  expect([...first, ...second].map((each) => each.id)).toEqual(ids.slice(0, 4));
  expect(back).toEqual(first);
  expect(await readLog(service, id, "status=failed")).toEqual([]);
  for (const query of [
    "starting_after=x",
    "starting_after=0",
    "status=lost",
    `starting_after=${"9".repeat(20)}`,
  ]) {
    const path = `/v1/webhook-endpoints/${id}/deliveries?${query}`;
    expect(await service.send("get", path, { as: service.keys.admin })).toMatchObject({ status: 422 });
  }
});
