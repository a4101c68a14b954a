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
  test("of exactly 16 KiB is still read", async () => {
    const frame = '{"user_id":""}';
    const body = frame.replace('""', `"${"a".repeat(16 * 1024 - frame.length)}"`);
    expect(await post({ body })).toMatchObject({ status: 422, body: { errors: [{ pointer: "/user_id" }] } });
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
});
