import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectNoEffect } from "../../support/expect-no-effect.ts";
import type { Answer } from "../../support/answer.ts";
import type { Sent } from "../../support/http-client.ts";
import { openTestService, type TestService } from "../../support/open-test-service.ts";

let service: TestService;
let path: string;

beforeAll(async () => {
  service = await openTestService();
  path = `/v1/events/${(await service.createEvent()).id}/reservations`;
});
afterAll(() => service.close());

const post = (sent: Sent): Promise<Answer> =>
  expectNoEffect(service.database, () => service.send("post", path, { as: service.keys.service, ...sent }));

describe("a body", () => {
  test.each([16 * 1024 + 1, 17 * 1024, 1024 * 1024])("of %i bytes is too large", async (bytes) => {
    const frame = '{"user_id":""}';
    const body = frame.replace('""', `"${"a".repeat(bytes - frame.length)}"`);
    expect(await post({ body })).toMatchObject({ status: 413, body: { code: "body_too_large" } });
  });

  test("of exactly 16 KiB is still read", async () => {
    const frame = '{"user_id":""}';
    const body = frame.replace('""', `"${"a".repeat(16 * 1024 - frame.length)}"`);
    expect(await post({ body })).toMatchObject({ status: 422, body: { errors: [{ pointer: "/user_id" }] } });
  });

  test("of 40,000 nested arrays is refused", async () => {
    const answer = await post({ body: `${"[".repeat(40_000)}${"]".repeat(40_000)}` });
    expect(answer).toMatchObject({ status: 413, body: { code: "body_too_large" } });
  });

  test.each(["gzip", "br", "deflate", "identity, gzip", "GZIP"])(
    "that is compressed (%s) is not unpacked",
    async (encoding) => {
      const bomb = gzipSync(`{"user_id":"${"a".repeat(10_000_000)}"}`);
      const answer = await post({ body: bomb, headers: { "content-encoding": encoding } });
      expect(answer).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
    },
  );

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/jsonp",
    "text/json",
    "*/*",
  ])("of type %s is not taken for JSON", async (type) => {
    const answer = await post({ body: '{"user_id":"ada"}', headers: { "content-type": type } });
    expect(answer).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
  });

  test.each(['application/json; charset="UTF-8"', "APPLICATION/JSON", "application/json ;charset=utf-8"])(
    "of type %s is JSON",
    async (type) => {
      const body = '{"user_id":"ada"}';
      const answer = await service.send("post", path, {
        as: service.keys.service,
        body,
        headers: { "content-type": type },
      });
      expect(answer).toMatchObject({ status: 201 });
      await service.change(String(answer.body["id"]), "cancel");
    },
  );

  test.each([
    "{",
    '{"user_id":}',
    "{'user_id':'ada'}",
    '{"user_id":"ada"}{}',
    '{"user_id":"a\u0001"}',
    "NaN",
    " ",
    "\ufeff{}",
  ])("that is no JSON is malformed: %s", async (body) => {
    expect(await post({ body })).toMatchObject({ status: 400, body: { code: "malformed_request" } });
  });

  test("that is no UTF-8 is malformed", async () => {
    const body = Buffer.from([...Buffer.from('{"user_id":"'), 0xff, 0xfe, ...Buffer.from('"}')]);
    expect(await post({ body })).toMatchObject({ status: 400, body: { code: "malformed_request" } });
  });

  test("that is missing is an empty object, where one is expected and where none is needed", async () => {
    expect(await post({})).toMatchObject({ status: 422, body: { errors: [{ pointer: "/user_id" }] } });
  });

  test("with a member where none is known is refused, even for calls that need none", async () => {
    const { id } = await service.hold(path.split("/")[3] ?? "", "bob");
    const refused = await expectNoEffect(service.database, () =>
      service.change(id, "confirm", { body: { status: "confirmed" } }),
    );
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: "/status" }] } });
  });
});

describe("an address", () => {
  test.each(["/v1/events/%E0%A4%A", "/v1/reservations/%"])(
    "that is no text is malformed: %s",
    async (address) => {
      const answer = await service.send("get", address, { as: service.keys.admin });
      expect(answer).toMatchObject({ status: 400, body: { code: "malformed_request" } });
    },
  );

  test.each([
    "/",
    "/v1",
    "/v1/",
    "/v1/events/",
    "/V1/events",
    "/v2/events",
    "/admin",
    "/%2e%2e/etc/passwd",
    "/v1/events//x",
  ])("where nothing is has a problem document too: %s", async (address) => {
    expect(await service.send("get", address)).toMatchObject({ status: 404, body: { code: "not_found" } });
  });

  test.each([
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
  ] as const)("refuses %s %s and names the methods that it allows", async (method, address, allow) => {
    const answer = await service.send(method, address, { as: service.keys.admin });
    expect(answer).toMatchObject({ status: 405, body: { code: "method_not_allowed" }, headers: { allow } });
  });
});
