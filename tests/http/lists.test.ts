import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;
/** Newest first, as lists are. */
let eventIds: string[] = [];

beforeAll(async () => {
  service = await openTestService();
  for (let index = 0; index < 7; index += 1)
    eventIds.unshift((await service.createEvent({ capacity: 50 })).id);
});
afterAll(() => service.close());

interface ListBody {
  readonly data: readonly { readonly id: string; readonly user_id?: string }[];
  readonly has_more: boolean;
  readonly total: number;
  readonly url: string;
}

async function readList(path: string, as?: string): Promise<ListBody & { readonly ids: readonly string[] }> {
  const answer = await service.send("get", path, as === undefined ? {} : { as });
  expect(answer.status).toBe(200);
  const body = answer.body as unknown as ListBody;
  return { ...body, ids: body.data.map(({ id }) => id) };
}

describe("the list of events", () => {
  test("has everything, newest first, for anyone", async () => {
    expect(await readList("/v1/events")).toMatchObject({
      ids: eventIds,
      has_more: false,
      total: 7,
      url: "/v1/events",
    });
  });

  test("is paged forwards to its end with the total on every page", async () => {
    const first = await readList("/v1/events?limit=3");
    expect(first).toMatchObject({ ids: eventIds.slice(0, 3), has_more: true, total: 7 });
    const second = await readList(`/v1/events?limit=3&starting_after=${eventIds[2]}`);
    expect(second).toMatchObject({ ids: eventIds.slice(3, 6), has_more: true, total: 7 });
    const third = await readList(`/v1/events?limit=3&starting_after=${eventIds[5]}`);
    expect(third).toMatchObject({ ids: eventIds.slice(6), has_more: false, total: 7 });
    const beyond = await readList(`/v1/events?limit=3&starting_after=${eventIds[6]}`);
    expect(beyond).toMatchObject({ ids: [], has_more: false, total: 7 });
  });

  test("is paged backwards in the same order, and has_more looks backwards", async () => {
    const near = await readList(`/v1/events?limit=3&ending_before=${eventIds[6]}`);
    expect(near).toMatchObject({ ids: eventIds.slice(3, 6), has_more: true, total: 7 });
    const start = await readList(`/v1/events?limit=3&ending_before=${eventIds[3]}`);
    expect(start).toMatchObject({ ids: eventIds.slice(0, 3), has_more: false, total: 7 });
  });

  test("ends a page that is exactly full without promising more", async () => {
    expect(await readList("/v1/events?limit=7")).toMatchObject({ ids: eventIds, has_more: false });
  });
});

describe("the list of an event's reservations", () => {
  let userIds: string[] = [];
  let eventId: string;

  beforeAll(async () => {
    eventId = eventIds[0] ?? "";
    const ids: string[] = [];
    for (const userId of ["ada", "bob", "cyd", "dan", "eve"])
      ids.push((await service.hold(eventId, userId)).id);
    await service.change(ids[0] ?? "", "confirm");
    await service.change(ids[1] ?? "", "cancel");
    await service.hold(eventId, "bob");
    userIds = ["bob", "eve", "dan", "cyd", "bob", "ada"];
  });

  const usersOf = async (query: string) => {
    const list = await readList(`/v1/events/${eventId}/reservations${query}`, service.keys.observer);
    return { ...list, users: list.data.map((reservation) => reservation.user_id) };
  };

  test("has every reservation of this event and no other, newest first", async () => {
    await service.hold(eventIds[1] ?? "", "somebody else's");
    expect(await usersOf("")).toMatchObject({ users: userIds, total: 6, has_more: false });
  });

  test("is filtered by user and by status, and the total counts what matches", async () => {
    expect(await usersOf("?user_id=bob")).toMatchObject({ users: ["bob", "bob"], total: 2 });
    expect(await usersOf("?status=held")).toMatchObject({ users: ["bob", "eve", "dan", "cyd"], total: 4 });
    expect(await usersOf("?status=cancelled&user_id=bob")).toMatchObject({ users: ["bob"], total: 1 });
    expect(await usersOf("?status=expired")).toMatchObject({ users: [], total: 0, has_more: false });
  });

  test("is paged in both directions within a filter", async () => {
    const first = await usersOf("?status=held&limit=2");
    expect(first).toMatchObject({ users: ["bob", "eve"], has_more: true, total: 4 });
    const next = await usersOf(`?status=held&limit=2&starting_after=${first.ids[1]}`);
    expect(next).toMatchObject({ users: ["dan", "cyd"], has_more: false, total: 4 });
    const back = await usersOf(`?status=held&limit=1&ending_before=${next.ids[0]}`);
    expect(back).toMatchObject({ users: ["eve"], has_more: true, total: 4 });
  });

  test("is 404 for an event that does not exist", async () => {
    const path = "/v1/events/00000000-0000-7000-8000-000000000000/reservations";
    const answer = await service.send("get", path, { as: service.keys.service });
    expect(answer).toMatchObject({ status: 404, body: { code: "event_not_found" } });
  });
});
