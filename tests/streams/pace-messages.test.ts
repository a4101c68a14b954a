import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { StockOfEvent } from "../../api/domain/event.ts";
import { StockHub } from "../../api/http/streams/stock-hub.ts";
import { stockNewsOf } from "../../api/http/streams/stock-news.ts";
import { FakeClient, stockOf } from "./fake-client.ts";

const concert = "0190163d-8694-739b-aea5-966c26f8ad91";
const play = "0190163d-8694-739b-aea5-966c26f8ad92";

let hub: StockHub;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "performance"],
  });
  hub = new StockHub({ nowMs: () => performance.now() });
});
afterEach(() => {
  hub.stop();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTime(ms);
const see = (change: Partial<StockOfEvent> = {}, nextExpiryAtMs: number | null = null, eventId = concert) =>
  hub.observe(stockOf(eventId, change), nextExpiryAtMs, performance.now());

/** Adds a client that has been told the event's first version. */
function join(...eventIds: readonly string[]): FakeClient {
  const client = new FakeClient(...eventIds);
  hub.add(
    client.stream,
    eventIds.map((id) => stockNewsOf(stockOf(id), null, performance.now())),
    null,
  );
  return client;
}

describe("messages about one event", () => {
  test("go out at once when there were none for a while", () => {
    const client = join(concert);
    pass(1_000);
    see({ version: 2 });
    pass(1);
    expect(client.versions).toEqual([1, 2]);
  });

  test("are no more than ten a second however many commits there are, and the last state is always told", () => {
    const client = join(concert);
    pass(1_000);
    for (let version = 2; version <= 1_001; version += 1) {
      see({ version, available: 1_001 - version + 100, capacity: 1_100 });
      pass(1);
    }
    pass(200);
    const told = client.versions.slice(1);
    expect(told.length).toBeLessThanOrEqual(11);
    expect(told.length).toBeGreaterThanOrEqual(9);
    expect(told.at(-1)).toBe(1_001);
    expect(client.messages.at(-1)?.available).toBe(100);
  });

  test("are of rising versions and end with the newest, in whatever order and however often it is seen", () => {
    const looks = fc.array(
      fc.record({ version: fc.integer({ min: 1, max: 20 }), waitMs: fc.nat({ max: 60 }) }),
    );
    fc.assert(
      fc.property(looks, (seen) => {
        const client = join(concert);
        for (const { version, waitMs } of seen) {
          see({ version });
          pass(waitMs);
        }
        pass(200);
        const rising = [...new Set(client.versions)].toSorted((one, two) => one - two);
        expect(client.versions).toEqual(rising);
        expect(rising.at(-1)).toBe(Math.max(1, ...seen.map(({ version }) => version)));
        client.destroy();
      }),
      { numRuns: 50 },
    );
  });

  test("reach every one of many followers, new ones too, each once", () => {
    const clients = Array.from({ length: 1_234 }, () => join(concert));
    pass(1_000);
    see({ version: 2 });
    const late = new FakeClient(concert);
    hub.add(late.stream, [], null);
    pass(1_000);
    expect(new Set(clients.map(({ versions }) => versions.join()))).toEqual(new Set(["1,2"]));
    expect(late.versions).toEqual([2]);
  });

  test("that are seen while others are told are told next", () => {
    const clients = Array.from({ length: 1_200 }, () => join(concert));
    pass(1_000);
    see({ version: 2 });
    vi.advanceTimersToNextTimer();
    expect(clients.at(-1)?.versions).toEqual([1]);
    see({ version: 3 });
    pass(1_000);
    expect(new Set(clients.map(({ versions }) => versions.at(-1)))).toEqual(new Set([3]));
    expect(clients[0]?.versions).toEqual([1, 2, 3]);
  });

  test("are told of another status under the same version, and of nothing that is not new", () => {
    const client = join(concert);
    const terms = { version: 2, available: 0, held: 100 };
    see({ ...terms, salesStartAtMs: performance.now() + 500 });
    pass(600);
    see({ ...terms, salesStartAtMs: performance.now() - 100 }, 9_000);
    pass(200);
    // A desk that did not look the deadline up does not make it unknown again.
    see(terms);
    pass(200);
    see(terms, 9_000);
    pass(200);
    see(terms, 9_500);
    pass(200);
    expect(client.messages.slice(1).map(({ status, next_expiry_at: at }) => [status, at])).toEqual([
      ["scheduled", null],
      ["all_held", "1970-01-01T00:00:09.000Z"],
      ["all_held", "1970-01-01T00:00:09.500Z"],
    ]);
  });

  test("do not go back to an earlier look at the same version", () => {
    const client = join(concert);
    pass(1_000);
    const earlierMs = performance.now() - 500;
    const terms = { version: 2, salesStartAtMs: earlierMs + 100 };
    see(terms);
    pass(200);
    hub.observe(stockOf(concert, terms), null, earlierMs);
    pass(200);
    expect(client.messages.map(({ status }) => status)).toEqual(["on_sale", "on_sale"]);
  });

  test("do not hold up those about another", () => {
    const client = join(concert, play);
    pass(1_000);
    see({ version: 2 });
    pass(50);
    see({ version: 3 });
    see({ version: 7 }, null, play);
    pass(1);
    expect(client.messages.slice(2).map(({ event_id, version }) => [event_id, version])).toEqual([
      [concert, 2],
      [play, 7],
    ]);
  });
});

describe("a client that comes back", () => {
  const comeBack = (seenVersion: number) => {
    const client = new FakeClient(concert);
    hub.add(client.stream, [], seenVersion);
    return client;
  };

  test("is told nothing that it knows, and everything that it does not", () => {
    join(concert);
    see({ version: 5 });
    expect(comeBack(5).versions).toEqual([]);
    expect(comeBack(4).versions).toEqual([5]);
    expect(comeBack(6).versions).toEqual([5]);
  });

  test("is told the same version again where the clock may have changed the status", () => {
    join(concert);
    see({ version: 5, salesEndAtMs: 0 });
    expect(comeBack(5).messages.map(({ status }) => status)).toEqual(["ended"]);
  });
});

describe("the hub", () => {
  test("sends every client a sign of life each 15 seconds, and asks for no time when there is none", () => {
    const clients = [join(concert), join(play)];
    pass(14_999);
    expect(clients.map(({ comments }) => comments)).toEqual([0, 0]);
    pass(15_001);
    expect(clients.map(({ comments }) => comments)).toEqual([2, 2]);
    for (const client of clients) client.destroy();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("drops a client that leaves too much unread, and nobody else", () => {
    const slow = join(concert);
    const fast = join(concert);
    slow.writableLength = 70_000;
    see({ version: 2 });
    pass(200);
    expect(slow.destroyed).toBe(true);
    expect(fast.versions).toEqual([1, 2]);
    expect(hub.size).toBe(1);
  });

  test("forgets what nobody follows any more, and says so", () => {
    const changes: string[][] = [];
    hub = new StockHub({ nowMs: () => 0, onFollowedChange: () => changes.push(hub.followedEvents()) });
    const one = join(concert);
    const two = join(concert, play);
    two.destroy();
    one.destroy();
    expect(changes).toEqual([[concert], [concert, play], [concert], []]);
    expect(hub.knows(concert)).toBe(false);
    see({ version: 2 });
    expect(hub.followedEvents()).toEqual([]);
  });

  test("is full when it has as many streams as it may have", () => {
    hub = new StockHub({ nowMs: () => 0, streamsMax: 2 });
    const one = join(concert);
    expect(hub.isFull).toBe(false);
    join(concert);
    expect(hub.isFull).toBe(true);
    one.destroy();
    expect(hub.isFull).toBe(false);
  });

  test("ends its streams when it stops, and cuts off who does not take that", () => {
    const polite = join(concert);
    const stuck = join(concert);
    stuck.end = () => (stuck.writableEnded = true);
    see({ version: 2 });
    hub.stop();
    expect([polite.writableEnded, stuck.writableEnded]).toEqual([true, true]);
    expect(stuck.destroyed).toBe(false);
    pass(500);
    expect([polite.destroyed, stuck.destroyed]).toEqual([false, true]);
    const late = join(concert);
    expect(late.writableEnded).toBe(true);
    expect(late.versions).toEqual([]);
  });
});
