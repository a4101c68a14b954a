import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { SharedStock } from "../../api/http/streams/shared-stock.ts";
import { StockHub } from "../../api/http/streams/stock-hub.ts";
import {
  followedMax,
  type FollowRequest,
  newsMax,
  type StockReport,
} from "../../api/http/streams/stock-messages.ts";
import { stockNewsOf } from "../../api/http/streams/stock-news.ts";
import { FollowedStock } from "../../api/supervisor/follow-stock.ts";
import { makeId } from "../../api/kernel/ids.ts";
import { FakeClient, stockOf } from "./fake-client.ts";

const concert = makeId();
const play = makeId();

const lookAt = (eventId: string, version: number, nowMs = 1_000) => ({
  event: stockOf(eventId, { version }),
  nextExpiryAtMs: null,
  nowMs,
});

/** A supervisor whose workers are lists of what they were sent. */
function openSupervisor() {
  const sent: { workerId: number; message: StockReport }[] = [];
  let takes = true;
  const stock = new FollowedStock((workerId, message) => {
    if (takes) sent.push({ workerId, message });
    return takes;
  });
  return {
    stock,
    follow: (workerId: number, ...eventIds: readonly string[]) =>
      stock.receive(workerId, { kind: "follow_stock", event_ids: eventIds }),
    setTaking: (value: boolean) => (takes = value),
    /** What was sent since the last call, as worker, event, version. */
    takeSent: () =>
      sent
        .splice(0)
        .flatMap(({ workerId, message }) =>
          message.news.map(({ message: { event_id, version } }) => [workerId, event_id, version]),
        ),
  };
}

describe("the supervisor", () => {
  test("looks at what workers follow, once for all of them, and at nothing else", () => {
    const { stock, follow } = openSupervisor();
    expect(stock.eventsToWatch()).toEqual([]);
    follow(1, concert);
    follow(2, concert, play);
    expect(stock.eventsToWatch().toSorted()).toEqual([concert, play].toSorted());
    stock.forget(2);
    expect(stock.eventsToWatch()).toEqual([concert]);
    follow(1);
    expect(stock.eventsToWatch()).toEqual([]);
  });

  test("tells each worker what changed about what it follows, and nothing twice", () => {
    const { stock, follow, takeSent } = openSupervisor();
    follow(1, concert);
    follow(2, concert, play);
    stock.take([lookAt(concert, 1), lookAt(play, 4)]);
    expect(takeSent()).toEqual([
      [1, concert, 1],
      [2, concert, 1],
      [2, play, 4],
    ]);
    stock.take([lookAt(concert, 1, 2_000), lookAt(play, 5, 2_000), lookAt(makeId(), 1)]);
    expect(takeSent()).toEqual([[2, play, 5]]);
  });

  test("tells a worker that begins to follow what it knows already", () => {
    const { stock, follow, takeSent } = openSupervisor();
    follow(1, concert);
    stock.take([lookAt(concert, 3)]);
    takeSent();
    follow(2, concert);
    expect(takeSent()).toEqual([[2, concert, 3]]);
    follow(2, concert, play);
    expect(takeSent()).toEqual([]);
  });

  test("offers what a worker could not take again with the next look", () => {
    const { stock, follow, takeSent, setTaking } = openSupervisor();
    follow(1, concert);
    setTaking(false);
    stock.take([lookAt(concert, 2)]);
    setTaking(true);
    expect(takeSent()).toEqual([]);
    stock.take([]);
    expect(takeSent()).toEqual([[1, concert, 2]]);
  });

  test("looks at too many events in turns, and never sends too many in one message", () => {
    const sizes: number[] = [];
    const stock = new FollowedStock((_, message) => sizes.push(message.news.length) > 0);
    const eventIds = Array.from({ length: followedMax + 500 }, makeId);
    stock.receive(1, { kind: "follow_stock", event_ids: eventIds });
    const rounds = [stock.eventsToWatch(), stock.eventsToWatch()];
    expect(rounds.map(({ length }) => length)).toEqual([followedMax, followedMax]);
    expect(new Set(rounds.flat()).size).toBe(eventIds.length);
    stock.take(eventIds.map((id) => lookAt(id, 1)));
    expect(Math.max(...sizes)).toBe(newsMax);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(eventIds.length);
  });

  test("ignores what is no message, whatever it is", () => {
    const { stock, follow } = openSupervisor();
    follow(1, concert);
    const bad: unknown[] = [
      { kind: "follow_stock" },
      { kind: "follow_stock", event_ids: ["nonsense"] },
      { kind: "follow_stock", event_ids: [concert], more: 1 },
      { kind: "quota_request", id: 1, calls: [] },
    ];
    for (const message of bad) expect(stock.receive(1, message)).toBe(false);
    fc.assert(fc.property(fc.jsonValue(), (message) => !stock.receive(1, message)));
    expect(stock.eventsToWatch()).toEqual([concert]);
  });
});

describe("a worker", () => {
  afterEach(() => vi.useRealTimers());

  function openWorker() {
    vi.useFakeTimers();
    const sent: FollowRequest[] = [];
    const shared = new SharedStock((message) => sent.push(message));
    const hub = new StockHub({ nowMs: () => 0, onFollowedChange: () => shared.announceSoon() });
    shared.connect(hub);
    const join = (...eventIds: readonly string[]) => {
      const client = new FakeClient(...eventIds);
      const news = eventIds.map((id) => stockNewsOf(stockOf(id), null, 0));
      hub.add(client.stream, news, null);
      return client;
    };
    return { hub, shared, sent, join };
  }

  test("says what it follows once for a crowd, and again in case that was lost", () => {
    const { sent, join } = openWorker();
    vi.advanceTimersByTime(10_000);
    expect(sent).toEqual([]);
    for (let count = 0; count < 50; count += 1) join(concert, play);
    vi.advanceTimersByTime(50);
    expect(sent).toEqual([{ kind: "follow_stock", event_ids: [concert, play] }]);
    vi.advanceTimersByTime(5_050);
    expect(sent).toHaveLength(2);
  });

  test("says that it follows nothing any more", () => {
    const { sent, join } = openWorker();
    const client = join(concert);
    vi.advanceTimersByTime(50);
    client.destroy();
    vi.advanceTimersByTime(50);
    expect(sent.at(-1)).toEqual({ kind: "follow_stock", event_ids: [] });
  });

  test("passes reports on to its streams, as they come through a channel of JSON", () => {
    const { shared, join } = openWorker();
    const client = join(concert);
    const message = { kind: "stock_report", news: [stockNewsOf(stockOf(concert, { version: 2 }), null, 5)] };
    expect(shared.receive(JSON.parse(JSON.stringify(message)))).toBe(true);
    vi.advanceTimersByTime(200);
    expect(client.versions).toEqual([1, 2]);
  });

  test("ignores what is no report, whatever it is", () => {
    const { shared, join } = openWorker();
    const client = join(concert);
    const news = stockNewsOf(stockOf(concert, { version: 2 }), null, 5);
    const bad: unknown[] = [
      { kind: "stock_report", news: [] },
      { kind: "stock_report", news: [{ ...news, message: { ...news.message, held: -1 } }] },
      { kind: "stock_report", news: [news, null] },
      { kind: "quota_reply", id: 0, uses: [] },
    ];
    for (const message of bad) expect(shared.receive(message)).toBe(false);
    fc.assert(fc.property(fc.jsonValue(), (message) => !shared.receive(message)));
    vi.advanceTimersByTime(200);
    expect(client.versions).toEqual([1]);
  });
});
