import type { Server } from "node:http";
import supertest from "supertest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Desk } from "../../api/desk/desk.ts";
import type { KeyAuthenticator, KeyIdentity } from "../../api/features/access/authenticate-key.ts";
import { closeServer } from "../../api/http/close-server.ts";
import { createApp } from "../../api/http/create-app.ts";
import { listen, urlOf } from "../../api/http/listen.ts";
import type { Log } from "../../api/kernel/log.ts";
import { lockEvent, waitUntilBlocked } from "../support/lock-event.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { openRawConnection, sendRawRequest } from "../support/send-raw-request.ts";
import { waitFor } from "../support/wait-for.ts";
import { type CountedSoFar, followRecorder } from "./read-totals.ts";

const holds = "/v1/events/{event_id}/reservations";

let service: TestService;
let counted: CountedSoFar;

beforeEach(async () => {
  service = await openTestService();
  counted = followRecorder(service.services.recorder);
});
afterEach(() => service.close());

const holdHead = (eventId: string, length: number) =>
  [
    `POST /v1/events/${eventId}/reservations HTTP/1.1`,
    "Host: localhost",
    `Authorization: Bearer ${service.keys.service}`,
    "Content-Type: application/json",
    `Content-Length: ${length}`,
    "",
    "",
  ].join("\r\n");

const countOf = (series: string) =>
  waitFor(`a request of ${series}`, () => Object.hasOwn(counted.requests(), series) && counted.requests());

test("each request of an operation is timed once, by its template and status, refusals included", async () => {
  const event = await service.createEvent();
  await service.hold(event.id, "ada");
  await service.askForHold(event.id, "ada");
  await service.askForHold(event.id, "ada");
  await service.askForHold("0190163d-8694-739b-aea5-966c26f8ad91", "ada");
  await service.askForHold("nonsense", "ada");
  await service.send("post", `/v1/events/${event.id}/reservations`, { body: { user_id: "ada" } });
  await service.send("post", `/v1/events/${event.id}/reservations`, {
    as: service.keys.service,
    body: { user_id: 1 },
  });
  await service.send("get", "/v1/events?limit=1");
  expect(counted.requests()).toEqual({
    "POST /v1/events 201": 1,
    [`POST ${holds} 201`]: 1,
    [`POST ${holds} 409`]: 2,
    [`POST ${holds} 404`]: 2,
    [`POST ${holds} 401`]: 1,
    [`POST ${holds} 422`]: 1,
    "GET /v1/events 200": 1,
  });
});

test("a request over its rate is timed as the refusal that it is", async () => {
  const strict = await openTestService({
    database: service.database,
    rateLimits: { anonymousMax: 1, buyerMax: 1, signupMax: 1_000 },
  });
  const ofStrict = followRecorder(strict.services.recorder);
  await strict.send("get", "/v1/events");
  await strict.send("get", "/v1/events");
  expect(ofStrict.requests()).toEqual({ "GET /v1/events 200": 1, "GET /v1/events 429": 1 });
  await strict.close();
});

test("pages are timed by their route, and what nobody serves as unmatched, whatever its path", async () => {
  await service.send("get", "/livez");
  await service.send("get", "/problems/sold_out");
  await service.send("get", "/docs/assets/none.js");
  await service.send("get", "/nothing/at/all");
  await service.send("get", "/nothing/else");
  await service.send("delete", "/v1/events");
  await sendRawRequest(service.url, "GET /v1/events/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  await sendRawRequest(service.url, "GET /problems/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const expected = {
    "GET /livez 200": 1,
    "GET /problems/{code} 200": 1,
    "GET /docs/assets/{name} 404": 1,
    "GET unmatched 404": 2,
    "DELETE /v1/events 405": 1,
    "GET unmatched 400": 2,
  };
  await waitFor("all of them to be timed", () => sumOf(counted.requests()) >= sumOf(expected));
  expect(counted.requests()).toEqual(expected);
});

test("a defect is timed as a 500", async () => {
  const broken = { submit: () => Promise.reject(new Error("A defect.")) } as unknown as Desk;
  const event = await service.createEvent();
  counted.requests();
  await supertest(createApp({ ...service.services, desk: broken }))
    .post(`/v1/events/${event.id}/reservations`)
    .set("authorization", `Bearer ${service.keys.service}`)
    .send({ user_id: "ada" })
    .expect(500);
  expect(counted.requests()).toMatchObject({ [`POST ${holds} 500`]: 1 });
});

describe("a client that leaves while it sends", () => {
  let caller: PromiseWithResolvers<KeyIdentity>;
  let lookups: number;
  let entries: unknown[];
  let server: Server;

  beforeEach(async () => {
    caller = Promise.withResolvers();
    lookups = 0;
    entries = [];
    const identify = () => {
      lookups += 1;
      return caller.promise;
    };
    const note = (entry: unknown) => entries.push(entry);
    const app = createApp({
      ...service.services,
      keys: { identify } as unknown as KeyAuthenticator,
      log: { warn: note, error: note } as unknown as Log,
    });
    server = await listen(app, { host: "127.0.0.1", port: 0, setting: "PORT" });
  });
  afterEach(() => closeServer(server));

  const sendHalf = async () => {
    const connection = await openRawConnection(urlOf(server, "127.0.0.1"));
    connection.send(`${holdHead("0190163d-8694-739b-aea5-966c26f8ad91", 100)}{"user_id"`);
    await waitFor("the caller to be looked up", () => lookups > 0);
    return connection;
  };
  const identity: KeyIdentity = { keyId: "0190163d-8694-739b-aea5-966c26f8ad92", role: "service" };

  test("is timed as 499, and no failure of ours is logged", async () => {
    const connection = await sendHalf();
    caller.resolve(identity);
    await caller.promise;
    connection.destroy();
    expect(await countOf(`POST ${holds} 499`)).toEqual({ [`POST ${holds} 499`]: 1 });
    expect(entries).toEqual([]);
  });

  test("is timed as 499 even when it has left before its body is looked at", async () => {
    const gone = new Promise((resolve) => {
      server.once("request", (_request, response) => response.once("close", resolve));
    });
    const connection = await sendHalf();
    connection.destroy();
    await gone;
    caller.resolve(identity);
    expect(await countOf(`POST ${holds} 499`)).toEqual({ [`POST ${holds} 499`]: 1 });
    expect(entries).toEqual([]);
  });
});

test("a client that leaves before its hold is on disk is timed as 499, and its hold is counted all the same", async () => {
  const event = await service.createEvent();
  const release = await lockEvent(service.database, event.id);
  const connection = await openRawConnection(service.url);
  const body = '{"user_id":"ada"}';
  connection.send(holdHead(event.id, body.length) + body);
  await waitUntilBlocked(service.database);
  connection.destroy();
  await service.send("get", "/v1/events");
  await release();
  expect(await countOf(`POST ${holds} 499`)).not.toHaveProperty(`POST ${holds} 201`);
  expect(counted.outcomes()).toMatchObject({ held: 1 });
});

function sumOf(requests: Readonly<Record<string, number>>): number {
  return Object.values(requests).reduce((sum, count) => sum + count, 0);
}
