import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { waitFor } from "../support/wait-for.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService();
});
afterAll(() => service.close());

const createKey = (role: string, idempotencyKey?: string) =>
  service.send("post", "/v1/api-keys", {
    as: service.keys.admin,
    body: { name: `a key for ${role}`, role },
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  });

describe("an API key", () => {
  test("is shown once, works at once, and is kept as a digest only", async () => {
    const created = await createKey("service");
    const { key, id } = created.body as { key: string; id: string };
    expect(created).toMatchObject({ status: 201, body: { name: "a key for service", role: "service" } });
    expect(key).toMatch(/^hf_service_[\w-]{32}$/);
    const event = await service.createEvent();
    expect(await service.askForHold(event.id, "ada", { as: key })).toMatchObject({ status: 201 });
    const listed = await service.send("get", "/v1/api-keys", { as: service.keys.admin });
    expect(listed.text).toContain(id);
    expect(listed.text).not.toContain(key);
    const [row] = await service.database.query(
      "select to_jsonb(k)::text as text from api_keys k where id = $1",
      [id],
    );
    expect(row?.["text"]).not.toContain(key.slice(11));
  });

  test("that is revoked works no more, is not listed, and cannot be revoked twice", async () => {
    const { key, id } = (await createKey("observer")).body as { key: string; id: string };
    const revoke = () => service.send("delete", `/v1/api-keys/${id}`, { as: service.keys.admin });
    const read = () => service.send("get", `/v1/reservations/${randomUUID()}`, { as: key });
    expect(await read()).toMatchObject({ status: 404 });
    expect(await revoke()).toMatchObject({ status: 204, text: "" });
    expect(await read()).toMatchObject({ status: 401 });
    expect(await revoke()).toMatchObject({ status: 404, body: { code: "api_key_not_found" } });
    const listed = await service.send("get", "/v1/api-keys?limit=100", { as: service.keys.admin });
    expect(listed.text).not.toContain(id);
  });

  test("that is revoked through one service stops working at every other", async () => {
    const other = await openTestService({ database: service.database });
    try {
      const { key, id } = (await createKey("observer")).body as { key: string; id: string };
      const read = () => other.send("get", `/v1/reservations/${randomUUID()}`, { as: key });
      expect(await read()).toMatchObject({ status: 404 });
      await service.send("delete", `/v1/api-keys/${id}`, { as: service.keys.admin });
      const refused = await waitFor("the other service to notice", async () => {
        const answer = await read();
        return answer.status === 401 && answer;
      });
      expect(refused.body).toMatchObject({ code: "unauthorized" });
    } finally {
      await other.close();
    }
  });

  test("that does not exist cannot be revoked", async () => {
    for (const id of [randomUUID(), "no-uuid"]) {
      const answer = await service.send("delete", `/v1/api-keys/${id}`, { as: service.keys.admin });
      expect(answer).toMatchObject({ status: 404, body: { code: "api_key_not_found" } });
    }
  });

  test("is listed in pages, newest first", async () => {
    const ids = [];
    for (const role of ["admin", "service", "observer"])
      ids.unshift(String((await createKey(role)).body["id"]));
    const first = await service.send("get", "/v1/api-keys?limit=2", { as: service.keys.admin });
    expect(first.body).toMatchObject({ data: [{ id: ids[0] }, { id: ids[1] }], has_more: true });
    const path = `/v1/api-keys?limit=1&starting_after=${ids[1]}`;
    const next = await service.send("get", path, { as: service.keys.admin });
    expect(next.body).toMatchObject({ data: [{ id: ids[2] }], total: first.body["total"] });
  });
});

describe("a reply that carries a secret", () => {
  /** Every idempotency record, as whoever reads the database sees it. */
  const readRecords = async () => {
    const rows = await service.database.query(
      "select to_jsonb(r)::text as text, body from idempotency_records r",
    );
    const bodies = rows.map(
      ({ body }) => `${String(body)} ${Buffer.from(String(body), "base64").toString("latin1")}`,
    );
    return `${rows.map(({ text }) => String(text)).join()} ${bodies.join()}`;
  };

  test("is replayed to the byte, and the key in it cannot be read in the database", async () => {
    const first = await createKey("admin", "make one");
    const replay = await createKey("admin", "make one");
    expect(replay).toMatchObject({
      status: 201,
      text: first.text,
      headers: { "idempotent-replayed": "true" },
    });
    expect(await service.send("get", "/v1/api-keys", { as: String(first.body["key"]) })).toMatchObject({
      status: 200,
    });
    const records = await readRecords();
    expect(records).not.toContain(String(first.body["key"]));
    expect(records).not.toContain("hf_admin_");
  });

  test("is replayed for a buyer token too, unreadable in the database", async () => {
    const make = (userId: string) =>
      service.send("post", "/v1/buyer-tokens", {
        as: service.keys.service,
        body: { user_id: userId },
        idempotencyKey: "token",
      });
    const first = await make("ada");
    expect(await make("ada")).toMatchObject({
      status: 201,
      text: first.text,
      headers: { "idempotent-replayed": "true" },
    });
    expect(await make("bob")).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    expect(await readRecords()).not.toContain(String(first.body["buyer_token"]));
  });
});

describe("a request that creates an event under a key", () => {
  const create = (name: string) =>
    service.send("post", "/v1/events", {
      as: service.keys.admin,
      body: { name, capacity: 3 },
      idempotencyKey: `create ${name}`,
    });

  test("creates one, however often and at once it is sent", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => create("Premiere")));
    const definite = answers.filter(({ status }) => status === 201);
    expect(definite.length + answers.filter(({ status }) => status === 409).length).toBe(8);
    expect(new Set(definite.map(({ text }) => text)).size).toBe(1);
    expect((await create("Premiere")).headers["idempotent-replayed"]).toBe("true");
    expect(await service.database.query("select 1 from events where name = 'Premiere'")).toHaveLength(1);
  });

  test("is told that the first is in progress while that one does not end", async () => {
    const first = await create("Matinee");
    const blocker = await service.database.connect();
    await blocker.query("begin");
    // As a transaction that has claimed this key and has not ended.
    await blocker.query("delete from idempotency_records where body = $1", [first.text]);
    const waiting = await create("Matinee");
    expect(waiting).toMatchObject({
      status: 409,
      body: { code: "idempotency_in_progress" },
      headers: { "retry-after": "1" },
    });
    await blocker.query("rollback");
    expect(await create("Matinee")).toMatchObject({ status: 201, text: first.text });
  });
});
