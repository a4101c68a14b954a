import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService();
});
afterAll(() => service.close());

test.each(["/livez", "/readyz"])("%s says that all is well, to anyone", async (path) => {
  expect(await service.send("get", path)).toMatchObject({ status: 200, body: { status: "ok" } });
});

test("every answer carries the id of its request: the client's own if it is a plain word", async () => {
  const sent = await service.send("get", "/v1/events", { headers: { "x-request-id": "trace-1.a_b" } });
  expect(sent.headers["x-request-id"]).toBe("trace-1.a_b");
  const refused = await service.send("get", "/nowhere", { headers: { "x-request-id": "trace 2" } });
  expect(refused.headers["x-request-id"]).toMatch(/^req_\w+$/);
  const [one, two] = [await service.send("get", "/livez"), await service.send("get", "/livez")];
  expect(one.headers["x-request-id"]).not.toBe(two.headers["x-request-id"]);
});

test("no answer is kept by caches, guessed at by browsers, or tells what serves it", async () => {
  for (const path of ["/v1/events", "/livez", "/nowhere"]) {
    const { headers } = await service.send("get", path);
    expect(headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    expect(headers["x-powered-by"]).toBeUndefined();
  }
});

test("what fails here is logged and answered without any of its insides", async () => {
  const event = await service.createEvent();
  await service.database.query(`
    create function fail() returns trigger language plpgsql as $$
    begin raise exception using errcode = '42P01', message = 'secret of the house'; end $$;
    create trigger fail before insert on reservations for each row when (new.user_id = 'unlucky') execute function fail()`);
  const logged: unknown[] = [];
  const { log } = service.services;
  const original = log.error.bind(log);
  log.error = (...line: unknown[]) => void logged.push(line);
  try {
    const answer = await service.askForHold(event.id, "unlucky").catch((error: unknown) => error);
    // The contract names no such answer for any call, so the client of these tests refuses it.
    expect(String(answer)).toContain('answered 500 {"type":"/problems/internal_error"');
    expect(String(answer)).not.toContain("secret of the house");
    expect(JSON.stringify(logged)).toContain("A request failed.");
  } finally {
    log.error = original;
  }
  expect(await service.readEvent(event.id)).toMatchObject({ available: 10, held: 0 });
});
