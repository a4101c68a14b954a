import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { followedEventsMax } from "../../api/contract/stock-stream.ts";
import { openTestDatabase, type TestDatabase } from "../support/open-test-database.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { openRawConnection } from "../support/send-raw-request.ts";
import { waitFor } from "../support/wait-for.ts";
import { openStream, type StreamClient, streamOf } from "./open-stream.ts";

const missingId = "0190163d-8694-739b-aea5-966c26f8ad91";

let database: TestDatabase;
let service: TestService;
/** Shares the database and nothing else, as a worker on another machine. */
let other: TestService;
const clients: StreamClient[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  service = await openTestService({ database });
  other = await openTestService({ database });
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(async () => {
  await Promise.all([service.close(), other.close()]);
  await database.close();
});

async function connect(path: string, headers: Readonly<Record<string, string>> = {}, at = service) {
  const client = await openStream(at.url, path, headers);
  clients.push(client);
  return client;
}

async function follow(eventId: string, headers: Readonly<Record<string, string>> = {}, at = service) {
  const client = await connect(streamOf(eventId), headers, at);
  expect(client.status).toBe(200);
  return client;
}

const known = (client: StreamClient) => client.until("the first message", () => true);

describe("a stream", () => {
  test("begins with when to come back and with how things are", async () => {
    const event = await service.createEvent({ capacity: 7 });
    const client = await follow(event.id);
    await known(client);
    expect(client.retryMs).toBe(1000);
    expect(client.events).toHaveLength(1);
    expect(client.events[0]).toMatchObject({
      name: "stock",
      id: String(event.version),
      message: { event_id: event.id, capacity: 7, available: 7, held: 0, sold: 0, status: "on_sale" },
    });
    expect(client.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
    });
    expect(client.headers["x-request-id"]).toMatch(/^req_/);
    expect(client.headers["content-encoding"]).toBeUndefined();
  });

  test("tells what is held, confirmed and cancelled at the same worker", async () => {
    const event = await service.createEvent();
    const client = await follow(event.id);
    const { id } = await service.hold(event.id, "ada", 1);
    await client.until("the hold", ({ held }) => held === 1);
    await service.change(id, "confirm");
    await client.until("the sale", ({ sold }) => sold === 1);
    const bob = await service.hold(event.id, "bob");
    await client.until("the second hold", ({ held }) => held === 1);
    await service.change(bob.id, "cancel");
    const last = await client.until("the return", ({ held }) => held === 0);
    expect(last).toMatchObject({ available: 9, sold: 1 });
  });

  test("tells what happens at another process, which it hears from the database alone", async () => {
    const event = await service.createEvent();
    const client = await follow(event.id);
    await other.hold(event.id, "ada");
    expect(await client.until("the hold", ({ held }) => held === 1)).toMatchObject({ available: 9 });
  });

  test("never goes back, whoever writes", async () => {
    const event = await service.createEvent({ capacity: 200 });
    const client = await follow(event.id);
    const holds = Array.from({ length: 100 }, (_, index) =>
      (index % 2 === 0 ? service : other).hold(event.id, `user ${index}`),
    );
    await Promise.all(holds);
    await client.until("all holds", ({ held }) => held === 100);
    expect(client.versions).toEqual([...new Set(client.versions)].toSorted((one, two) => one - two));
    for (const { available, held, sold, capacity } of client.messages) {
      expect(available + held + sold).toBe(capacity);
    }
  });

  test("tells when all is held until when, and that sales are paused", async () => {
    const event = await service.createEvent({ capacity: 1 });
    const client = await follow(event.id);
    const { expires_at } = await service.hold(event.id, "ada");
    const allHeld = await client.until("all to be held", ({ status }) => status === "all_held");
    await client.until("the deadline", ({ next_expiry_at }) => next_expiry_at === expires_at);
    expect(allHeld.available).toBe(0);
    const paused = { as: service.keys.admin, body: { reason: "Rain." } };
    await service.send("post", `/v1/events/${event.id}/pause`, paused);
    await client.until("the pause", ({ status }) => status === "paused");
  });

  test("tells what the clock alone changes, under the same version", async () => {
    const event = await service.createEvent({ sales_start_at: "9000-01-01T00:00:00.000Z" });
    const client = await follow(event.id);
    await client.until("the schedule", ({ status }) => status === "scheduled");
    // The moments are moved under the service's hands, instead of waiting for them.
    const move = (column: string) =>
      database.query(`update events set ${column} = clock_timestamp() + interval '1 ms' where id = $1`, [
        event.id,
      ]);
    await move("sales_start_at");
    await client.until("the start of sales", ({ status }) => status === "on_sale");
    await move("sales_end_at");
    await client.until("the end of sales", ({ status }) => status === "ended");
    expect(client.messages.map(({ status }) => status)).toEqual(["scheduled", "on_sale", "ended"]);
    expect(new Set(client.versions).size).toBe(1);
    // Whoever comes back with this version cannot have been told all of that.
    const back = await follow(event.id, { "last-event-id": String(event.version) });
    expect(await known(back)).toMatchObject({ status: "ended" });
  });

  test("tells the time to late comers as it is, not as it was at the last change", async () => {
    const event = await service.createEvent();
    const first = await follow(event.id);
    const { at } = await known(first);
    await waitFor("time to pass", () => service.services.clock.nowMs() > Date.parse(at) + 20);
    const second = await follow(event.id);
    expect((await known(second)).at > at).toBe(true);
  });

  test("of several events tells about each, once for each name", async () => {
    const one = await service.createEvent();
    const two = await service.createEvent({ capacity: 3 });
    const client = await connect(`/v1/stream?event_id=${one.id}&event_id=${two.id}&event_id=${one.id}`);
    await waitFor("both", () => client.events.length === 2);
    expect(new Set(client.messages.map(({ event_id }) => event_id))).toEqual(new Set([one.id, two.id]));
    await service.hold(two.id, "ada");
    await client.until("the hold", ({ event_id, held }) => event_id === two.id && held === 1);
    expect(client.events).toHaveLength(3);
  });
});

describe("a client that comes back", () => {
  test("is told nothing while nothing has changed, and then what does", async () => {
    const event = await service.createEvent();
    const client = await follow(event.id, { "last-event-id": String(event.version) });
    await waitFor("the head", () => client.retryMs);
    await service.hold(event.id, "ada");
    await client.until("the hold", ({ held }) => held === 1);
    expect(client.events).toHaveLength(1);
  });

  test("is told the state that it has missed", async () => {
    const event = await service.createEvent();
    const first = await follow(event.id);
    await known(first);
    const lastId = first.events.at(-1)?.id ?? "";
    first.close();
    await service.hold(event.id, "ada");
    await service.hold(event.id, "bob");
    const second = await follow(event.id, { "last-event-id": lastId });
    expect(await known(second)).toMatchObject({ held: 2, available: 8 });
  });

  test.each(["nonsense", "", "-1", "99999999999999999999"])(
    "with an id of %j is told how things are",
    async (id) => {
      const event = await service.createEvent();
      expect(await known(await follow(event.id, { "last-event-id": id }))).toMatchObject({ available: 10 });
    },
  );
});

describe("refused before the first byte of a stream", () => {
  const get = (path: string, at = service) => at.send("get", path);

  test("are events that do not exist, even one of many", async () => {
    const event = await service.createEvent();
    await follow(event.id);
    for (const path of [
      streamOf(missingId),
      streamOf("nonsense"),
      `/v1/stream?event_id=${missingId}`,
      `/v1/stream?event_id=${event.id}&event_id=${missingId}`,
    ])
      expect(await get(path)).toMatchObject({ status: 404, body: { code: "event_not_found" } });
  });

  test("are lists that are empty, too long, or no ids", async () => {
    const many = Array.from(
      { length: followedEventsMax + 1 },
      (_, index) => `event_id=${missingId.slice(0, -3)}${100 + index}`,
    );
    for (const path of [
      "/v1/stream",
      "/v1/stream?event_id=x",
      `/v1/stream?${many.join("&")}`,
      "/v1/stream?a=b",
    ])
      expect(await get(path)).toMatchObject({ status: 422, body: { code: "validation_failed" } });
  });

  test("are other methods; HEAD gets the head alone", async () => {
    const event = await service.createEvent();
    const posted = await service.send("post", streamOf(event.id), { body: {} });
    expect(posted).toMatchObject({ status: 405, headers: { allow: "GET" } });
    const head = await fetch(`${service.url}${streamOf(event.id)}`, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await head.text()).toBe("");
    expect(service.services.stockHub.followedEvents()).not.toContain(event.id);
    const noHead = await fetch(`${service.url}${streamOf(missingId)}`, { method: "HEAD" });
    expect(noHead.status).toBe(404);
  });

  test("are clients over their rate", async () => {
    const strict = await openTestService({
      database,
      rateLimits: { anonymousMax: 2, buyerMax: 1, signupMax: 1_000 },
    });
    const event = await service.createEvent();
    const first = await follow(event.id, {}, strict);
    expect(first.headers["ratelimit"]).toContain("r=1");
    await follow(event.id, {}, strict);
    expect(await get(streamOf(event.id), strict)).toMatchObject({ status: 429 });
    await strict.close();
  });
});

test("a client that speaks HTTP/1.0 gets the same text without chunks", async () => {
  const event = await service.createEvent();
  const connection = await openRawConnection(service.url);
  connection.send(`GET ${streamOf(event.id)} HTTP/1.0\r\n\r\n`);
  await waitFor("the stream to be open", () => service.services.stockHub.followedEvents().includes(event.id));
  await service.hold(event.id, "ada");
  await waitFor("the hold", () => connection.received.includes('"held":1'));
  const [head = "", body = ""] = connection.received.split("\r\n\r\n");
  expect(head.toLowerCase()).not.toContain("transfer-encoding");
  expect(body).toMatch(
    /^retry: 1000\n\nevent: stock\nid: 1\ndata: \{.*\}\n\nevent: stock\nid: 2\ndata: \{.*\}\n\n$/,
  );
  connection.destroy();
});

test("a stream behind another request of its connection is told everything in order", async () => {
  const event = await service.createEvent();
  const connection = await openRawConnection(service.url);
  const head = "HTTP/1.1\r\nHost: localhost\r\n\r\n";
  connection.send(`GET /readyz ${head}GET ${streamOf(event.id)} ${head}`);
  await waitFor("the first message", () => connection.received.includes('"held":0'));
  await service.hold(event.id, "ada");
  await waitFor("the hold", () => connection.received.includes('"held":1'));
  expect(connection.received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  connection.destroy();
});

test("a stream is timed until it begins, and counted while it is open", async () => {
  const event = await service.createEvent();
  const fresh = await openTestService({ database });
  const client = await follow(event.id, {}, fresh);
  await known(client);
  const durations = fresh.services.recorder
    .takeDeltas()
    .filter(({ labels }) => labels.includes("/v1/events/{event_id}/stream"));
  expect(durations).toHaveLength(1);
  expect(durations[0]).toMatchObject({ labels: ["GET", "/v1/events/{event_id}/stream", "200"] });
  expect(fresh.services.stockHub.size).toBe(1);
  client.close();
  await waitFor("the stream to be forgotten", () => fresh.services.stockHub.size === 0);
  expect(fresh.services.stockHub.followedEvents()).toEqual([]);
  await fresh.close();
});

test("streams end in good order when the service stops, and nobody waits for their clients", async () => {
  const event = await service.createEvent();
  const fresh = await openTestService({ database });
  const streams = await Promise.all([1, 2, 3].map(() => follow(event.id, {}, fresh)));
  await Promise.all(streams.map(known));
  fresh.services.stockHub.stop();
  expect(await Promise.all(streams.map((client) => client.ended()))).toEqual(["good", "good", "good"]);
  // Who comes now is told when to come back, and gets no refusal, which a browser would take for final.
  const late = await follow(event.id, {}, fresh);
  expect(await late.ended()).toBe("good");
  expect(late.retryMs).toBe(1000);
  await fresh.close();
});
