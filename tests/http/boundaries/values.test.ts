import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EventReply } from "../../../api/contract/events.ts";
import { expectNoEffect } from "../../support/expect-no-effect.ts";
import { openTestService, type TestService } from "../../support/open-test-service.ts";

let service: TestService;
let event: EventReply;

beforeAll(async () => {
  service = await openTestService();
  event = await service.createEvent({ max_quantity: 20 });
});
afterAll(() => service.close());

/** Sends a body as it stands, which must have no effect. @returns what is complained about */
async function complaintsAbout(path: string, body: string) {
  const { status, body: answer } = await expectNoEffect(service.database, () =>
    service.send("post", path, { as: service.keys.admin, body }),
  );
  const errors = (answer["errors"] ?? []) as { pointer: string }[];
  return { status, code: answer["code"], pointers: [...new Set(errors.map(({ pointer }) => pointer))] };
}

const oneComplaint = (pointer: string) => ({ status: 422, code: "validation_failed", pointers: [pointer] });

function named(cases: readonly [body: string, pointer: string][]) {
  return cases.map(([body, pointer]) => [body.slice(0, 100), body, pointer] as const);
}

describe("a hold with a value that cannot be", () => {
  const bodies: [string, string][] = [
    ["{}", "/user_id"],
    ['{"user_id":""}', "/user_id"],
    ['{"user_id":null}', "/user_id"],
    ['{"user_id":1}', "/user_id"],
    ['{"user_id":["ada"]}', "/user_id"],
    ['{"user_id":"ada","expires_at":"2040-01-01T00:00:00Z"}', "/expires_at"],
    ['{"user_id":"ada","a/b~c":1}', "/a~1b~0c"],
    ["[]", ""],
    ["null", ""],
    ["1", ""],
    ['"ada"', ""],
    ["true", ""],
  ];
  test.each(named(bodies))("is refused: %s", async (_name, body, pointer) => {
    expect(await complaintsAbout(`/v1/events/${event.id}/reservations`, body)).toEqual(oneComplaint(pointer));
  });
});

describe("an event with a value that cannot be", () => {
  const restock = (terms: string) => `{"name":"n","capacity":1,"restock":${terms}}`;
  const supplier = (url: string) =>
    restock(`{"threshold":0,"quantity":1,"supplier_url":${JSON.stringify(url)}}`);
  const bodies: [string, string][] = [
    ['{"name":"","capacity":1}', "/name"],
    ['{"name":"n"}', "/capacity"],
    ['{"name":"n","capacity":-1}', "/capacity"],
    ['{"name":"n","capacity":10000001}', "/capacity"],
    ['{"name":"n","capacity":1,"price_cents":-1}', "/price_cents"],
    ['{"name":"n","capacity":1,"price_cents":1.5}', "/price_cents"],
    ['{"name":"n","capacity":1,"price_cents":9007199254740993}', "/price_cents"],
    ['{"name":"n","capacity":1,"currency":"usd"}', "/currency"],
    ['{"name":"n","capacity":1,"currency":"USDX"}', "/currency"],
    ['{"name":"n","capacity":1,"currency":"US\\n"}', "/currency"],
    ['{"name":"n","capacity":1,"hold_seconds":0}', "/hold_seconds"],
    ['{"name":"n","capacity":1,"hold_seconds":86401}', "/hold_seconds"],
    ['{"name":"n","capacity":1,"max_quantity":0}', "/max_quantity"],
    ['{"name":"n","capacity":1,"max_quantity":21}', "/max_quantity"],
    ['{"name":"n","capacity":1,"max_extensions":-1}', "/max_extensions"],
    ['{"name":"n","capacity":1,"max_extensions":11}', "/max_extensions"],
    ['{"name":"n","capacity":1,"sales_start_at":"tomorrow"}', "/sales_start_at"],
    ['{"name":"n","capacity":1,"sales_start_at":"2030-02-30T00:00:00Z"}', "/sales_start_at"],
    ['{"name":"n","capacity":1,"sales_start_at":"2030-01-01"}', "/sales_start_at"],
    ['{"name":"n","capacity":1,"sales_start_at":"2030-01-01T00:00:00"}', "/sales_start_at"],
    ['{"name":"n","capacity":1,"sales_start_at":1893456000}', "/sales_start_at"],
    ['{"name":"n","capacity":1,"sales_end_at":"9999-12-31T23:59:59-23:59"}', "/sales_end_at"],
    ['{"name":"n","capacity":1,"requires_verified_phone":"no"}', "/requires_verified_phone"],
    ['{"name":"n","capacity":1,"version":9}', "/version"],
    [restock('{"threshold":0,"quantity":0,"supplier_url":"demo:"}'), "/restock/quantity"],
    [restock('{"threshold":-1,"quantity":1,"supplier_url":"demo:"}'), "/restock/threshold"],
    [restock('{"threshold":0,"quantity":1,"supplier_url":"demo:","extra":1}'), "/restock/extra"],
    [supplier("ftp://supplier.example"), "/restock/supplier_url"],
    [supplier("javascript:alert(1)"), "/restock/supplier_url"],
    [supplier("supplier.example"), "/restock/supplier_url"],
  ];
  test.each(named(bodies))("is refused: %s", async (_name, body, pointer) => {
    expect(await complaintsAbout("/v1/events", body)).toEqual(oneComplaint(pointer));
  });

  test("is told every value that is wrong at once", async () => {
    const body = { name: "", capacity: -1, currency: "x", what: 1 };
    const answer = await service.send("post", "/v1/events", { as: service.keys.admin, body });
    const pointers = (answer.body["errors"] as { pointer: string }[]).map((error) => error.pointer);
    expect(pointers.sort()).toEqual(["/capacity", "/currency", "/name", "/what"]);
  });
});

describe("a text of the longest and strangest kind that is allowed", () => {
  const userIds = [
    "a".repeat(128),
    "é".repeat(128),
    "🎫".repeat(128),
    '{"},\\"}',
    "NULL",
    "'; drop table events; --",
    " ",
    "{}",
    "\\N",
  ];
  test.each(userIds)("is kept as it is: %s", async (userId) => {
    const { id } = await service.hold(event.id, userId);
    const query = new URLSearchParams({ user_id: userId });
    const found = await service.send("get", `/v1/events/${event.id}/reservations?${query.toString()}`, {
      as: service.keys.observer,
    });
    expect(found.body).toMatchObject({ total: 1, data: [{ user_id: userId }] });
    await service.change(id, "cancel");
  });
});
