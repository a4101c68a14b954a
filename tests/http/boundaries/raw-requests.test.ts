import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectNoEffect } from "../../support/expect-no-effect.ts";
import { openTestService, type TestService } from "../../support/open-test-service.ts";
import { openRawConnection, sendRawRequest } from "../../support/send-raw-request.ts";

let service: TestService;
let path: string;

beforeAll(async () => {
  service = await openTestService();
  path = `/v1/events/${(await service.createEvent()).id}/reservations`;
});
afterAll(() => service.close());

const body = '{"user_id":"ada"}';

/** The head of a hold that would be served, with further lines. */
const head = (...lines: string[]) =>
  [
    `POST ${path} HTTP/1.1`,
    "Host: localhost",
    `Authorization: Bearer ${service.keys.service}`,
    "Content-Type: application/json",
    "Connection: close",
    ...lines,
    "",
    "",
  ].join("\r\n");

describe("a client that goes away", () => {
  test.each([0.2, 0.5, 0.9])("after %d of its request leaves no trace", async (share) => {
    const request = head(`Content-Length: ${body.length}`) + body;
    await expectNoEffect(service.database, async () => {
      const connection = await openRawConnection(service.url);
      connection.send(request.slice(0, request.length - Math.ceil(body.length * (1 - share))));
      connection.destroy();
      // A whole round trip behind it: the service has seen the end by then.
      expect((await service.send("get", "/livez")).status).toBe(200);
    });
  });

  test("after its whole request has its hold or not, never half of it", async () => {
    const event = await service.createEvent({ capacity: 100 });
    const own = `/v1/events/${event.id}/reservations`;
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const bytes = JSON.stringify({ user_id: `gone ${index}` });
        const connection = await openRawConnection(service.url);
        connection.send(head(`Content-Length: ${bytes.length}`).replace(path, own) + bytes);
        connection.destroy();
      }),
    );
    const retried = await Promise.all(
      Array.from({ length: 20 }, (_, index) => service.askForHold(event.id, `gone ${index}`)),
    );
    for (const { body: answer } of retried) {
      expect(["held", "duplicate_reservation"]).toContain(answer["code"] ?? answer["status"]);
    }
    expect(await service.readEvent(event.id)).toMatchObject({ held: 20, available: 80 });
  });
});

test.each(["200-ok", ""])("an expectation that nobody knows is overlooked: %j", async (expectation) => {
  const request = `GET /livez HTTP/1.1\r\nHost: localhost\r\nExpect: ${expectation}\r\nConnection: close\r\n\r\n`;
  const { status, headers, body: text } = await sendRawRequest(service.url, request);
  expect({ status, text }).toEqual({ status: 200, text: '{"status":"ok"}' });
  expect(headers["x-request-id"]).toMatch(/^req_/);
});

test("two requests sent in one go are two requests, answered in order", async () => {
  const one = head(`Content-Length: ${body.length}`).replace("Connection: close\r\n", "") + body;
  const connection = await openRawConnection(service.url);
  connection.send(one + head(`Content-Length: ${body.length}`) + body);
  const text = await connection.readUntilClosed();
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 201", "HTTP/1.1 409"]);
});
