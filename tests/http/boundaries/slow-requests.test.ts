import { afterAll, beforeAll, expect, test } from "vitest";
import { expectNoEffect } from "../../support/expect-no-effect.ts";
import { openTestService, type TestService } from "../../support/open-test-service.ts";
import { openRawConnection, parseResponse } from "../../support/send-raw-request.ts";

let service: TestService;

beforeAll(async () => {
  service = await openTestService({ arrivalLimits: { requestMs: 1_000, checkEveryMs: 100 } });
});
afterAll(() => service.close());

test("requests whose headers or body do not arrive are cut off, and others are served meanwhile", async () => {
  const event = await service.createEvent();
  const path = `/v1/events/${event.id}/reservations`;
  const head = [
    `POST ${path} HTTP/1.1`,
    "Host: localhost",
    `Authorization: Bearer ${service.keys.service}`,
    "Content-Type: application/json",
    "Content-Length: 17",
  ].join("\r\n");
  const slow = {
    "nothing but the start of the headers": head,
    "headers without their body": `${head}\r\n\r\n`,
    "half a body": `${head}\r\n\r\n{"user_i`,
  };
  const responses = await expectNoEffect(service.database, async () => {
    const connections = await Promise.all(
      Object.values(slow).map(async (bytes) => {
        const connection = await openRawConnection(service.url);
        connection.send(bytes);
        return connection;
      }),
    );
    expect(await service.send("get", "/livez")).toMatchObject({ status: 200 });
    return Promise.all(connections.map((connection) => connection.readUntilClosed()));
  });
  for (const response of responses.map(parseResponse)) {
    expect(response).toMatchObject({
      status: 408,
      headers: { "content-type": "application/problem+json; charset=utf-8" },
    });
    expect(JSON.parse(response.body)).toMatchObject({ code: "request_timeout" });
  }
});
