import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { followRecorder } from "../metrics/read-totals.ts";
import type { Answer } from "../support/answer.ts";
import { lockEvent } from "../support/lock-event.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { openRawConnection, parseResponse } from "../support/send-raw-request.ts";
import { waitFor } from "../support/wait-for.ts";

const requestsMax = 4;
const connectionsMax = 60;

let service: TestService;
let locked: string;
let free: string;
let unlock: () => Promise<void> = async () => {};

beforeAll(async () => {
  service = await openTestService({ admission: { requestsMax, connectionsMax, refusalsPerSecond: 100_000 } });
});
afterAll(() => service.close());
// A test that fails must not leave its lock to the next.
afterEach(() => unlock());
beforeEach(async () => {
  locked = (await service.createEvent({ capacity: 1_000 })).id;
  free = (await service.createEvent({ capacity: 1_000 })).id;
});

/** Has as many requests in work as a test wants, all waiting for a lock. @returns their answers */
async function fillWith(ask: (index: number) => Promise<Answer>, count: number): Promise<Promise<Answer>[]> {
  const answers = Array.from({ length: count }, (_, index) => ask(index));
  await waitFor("the requests to be in work", () => service.services.door.inWork === count);
  return answers;
}

const fillWithHolds = () => fillWith((index) => service.askForHold(locked, `waiting ${index}`), requestsMax);

describe("a worker with as many requests in work as it takes", () => {
  test("refuses new work with the contract's 503, answers probes, and serves all when there is room again", async () => {
    unlock = await lockEvent(service.database, locked);
    const waiting = await fillWithHolds();
    const counted = followRecorder(service.services.recorder);
    const refused = await service.askForHold(free, "ada", { headers: { "x-request-id": "mine" } });
    expect(refused).toMatchObject({
      status: 503,
      headers: {
        "retry-after": "1",
        "x-request-id": "mine",
        "cache-control": "no-store",
        "content-type": "application/problem+json; charset=utf-8",
      },
      body: { code: "overloaded", status: 503, request_id: "mine" },
    });
    expect((await service.send("get", `/v1/events/${free}`)).status).toBe(503);
    expect((await service.send("get", "/nowhere")).status).toBe(503);
    for (const path of ["/livez", "/readyz", "/readyz?verbose"])
      expect((await fetch(service.url + path)).status).toBe(200);
    expect(counted.requests()).toMatchObject({
      "POST /v1/events/{event_id}/reservations 503": 1,
      "GET /v1/events/{event_id} 503": 1,
    });
    const series = counted.totals.series("holdfast_door_refusals_total");
    expect(series.find(({ labels }) => labels["reason"] === "requests")?.value).toBe(3);

    await unlock();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect((await service.askForHold(free, "ada")).status).toBe(201);
    expect(service.services.door.inWork).toBe(0);
  });

  test("still confirms, extends and cancels, shows what a buyer holds, and stops a sale", async () => {
    const held = await Promise.all(["a", "b", "c"].map((user) => service.hold(free, user)));
    const [first = "", second = "", third = ""] = held.map(({ id }) => id);
    unlock = await lockEvent(service.database, locked);
    const waiting = await fillWithHolds();
    expect((await service.askForHold(free, "ada")).status).toBe(503);
    expect((await service.change(first, "confirm")).status).toBe(200);
    expect((await service.change(second, "extend")).status).toBe(200);
    expect((await service.change(third, "cancel")).status).toBe(200);
    const shown = await service.send("get", `/v1/reservations/${first}`, { as: service.keys.service });
    expect(shown).toMatchObject({ status: 200, body: { status: "confirmed" } });
    const body = { reason: "too much" };
    const paused = await service.send("post", `/v1/events/${free}/pause`, { as: service.keys.admin, body });
    expect(paused.status).toBe(200);
    expect((await service.askForHold(free, "ada")).status).toBe(503);
    await unlock();
    await Promise.all(waiting);
  });

  test("refuses those too when twice as many are in work, so that nothing waits without a limit", async () => {
    const users = Array.from({ length: 2 * requestsMax }, (_, index) => `buyer ${index}`);
    const held = await Promise.all(users.slice(0, requestsMax).map((user) => service.hold(locked, user)));
    const more = await Promise.all(users.slice(requestsMax).map((user) => service.hold(locked, user)));
    const { id } = await service.hold(free, "ada");
    unlock = await lockEvent(service.database, locked);
    const ids = [...held, ...more].map((reservation) => reservation.id);
    const waiting = await fillWith((index) => service.change(ids[index] ?? "", "confirm"), 2 * requestsMax);
    expect(await service.change(id, "confirm")).toMatchObject({ status: 503, body: { code: "overloaded" } });
    await unlock();
    expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([200]));
    expect((await service.change(id, "confirm")).status).toBe(200);
  });

  test("has done nothing for a request that it refused: the same key has one effect later", async () => {
    unlock = await lockEvent(service.database, locked);
    const waiting = await fillWithHolds();
    const idempotencyKey = randomUUID();
    for (let tries = 0; tries < 3; tries += 1)
      expect((await service.askForHold(free, "ada", { idempotencyKey })).status).toBe(503);
    await unlock();
    await Promise.all(waiting);
    const made = await service.askForHold(free, "ada", { idempotencyKey });
    const again = await service.askForHold(free, "ada", { idempotencyKey });
    expect(made.status).toBe(201);
    expect(again.text).toBe(made.text);
    expect(again.headers["idempotent-replayed"]).toBe("true");
    expect(await service.readEvent(free)).toMatchObject({ held: 1 });
  });

  test("does not read the body of what it refuses, and the connection can be used on", async () => {
    unlock = await lockEvent(service.database, locked);
    const waiting = await fillWithHolds();
    const connection = await openRawConnection(service.url);
    const body = "this is no JSON";
    const head = `POST /v1/events/${free}/reservations HTTP/1.1\r\nHost: shop\r\nContent-Length: ${body.length}\r\n\r\n`;
    connection.send(head + body);
    await waitFor("the refusal", () => connection.received.includes("overloaded"));
    expect(parseResponse(connection.received)).toMatchObject({
      status: 503,
      headers: { connection: "keep-alive" },
    });
    connection.send("GET /livez HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
    expect(await connection.readUntilClosed()).toContain("HTTP/1.1 200");
    await unlock();
    await Promise.all(waiting);
  });

  test("ends the connection of a refused request whose body may be long", async () => {
    unlock = await lockEvent(service.database, locked);
    const waiting = await fillWithHolds();
    const connection = await openRawConnection(service.url);
    const path = `/v1/events/${free}/reservations`;
    connection.send(`POST ${path} HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n`);
    expect(await connection.readResponse()).toMatchObject({ status: 503, headers: { connection: "close" } });
    await unlock();
    await Promise.all(waiting);
  });

  test("has none in work for those whose bodies are still on their way", async () => {
    const slow = await Promise.all(
      Array.from({ length: 2 * requestsMax }, () => openRawConnection(service.url)),
    );
    const counted = followRecorder(service.services.recorder);
    for (const connection of slow)
      connection.send(
        `POST /v1/events/${free}/reservations HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${service.keys.service}\r\n` +
          "Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{",
      );
    for (let index = 0; index < 10; index += 1)
      expect((await service.askForHold(free, `user ${index}`)).status).toBe(201);
    for (const connection of slow) connection.destroy();
    await waitFor("them to be given up", () => {
      const left = counted.requests()["POST /v1/events/{event_id}/reservations 499"];
      return left === slow.length;
    });
    expect(service.services.door.inWork).toBe(0);
  });
});

describe("a worker whose database stands still", () => {
  test("takes on no more than a few, and all is served when it moves again", async () => {
    const strained = await openTestService({
      database: service.database,
      admission: { strainedRequestsMax: 3, waitMaxMs: 1, refusalsPerSecond: 100_000 },
    });
    const client = await service.database.connect();
    await client.query("begin; lock table events in access exclusive mode");
    const counted = followRecorder(strained.services.recorder);
    const answers: Promise<Answer>[] = [];
    const refusals = () =>
      counted.totals.series("holdfast_door_refusals_total").find(({ labels }) => labels["reason"] === "desk")
        ?.value ?? 0;
    await waitFor("a refusal for the wait at the desk", () => {
      answers.push(strained.askForHold(free, `user ${answers.length}`));
      return refusals() > 0;
    });
    expect((await fetch(`${strained.url}/livez`)).status).toBe(200);
    await client.query("rollback");
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    // Where the standstill is longer than the desk's own limits, those who were let in are refused there.
    expect(statuses).toContain(503);
    expect(statuses.filter((status) => status !== 201 && status !== 503)).toEqual([]);
    const held = statuses.filter((status) => status === 201).length;
    expect(await service.readEvent(free)).toMatchObject({ held });
    await waitFor("room", async () => (await strained.askForHold(free, "late")).status === 201);
    await strained.close();
  });
});
