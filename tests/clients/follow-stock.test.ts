import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createClient, type FollowState, type StockMessage } from "../../clients/typescript/client.ts";

const [first, second] = ["0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"];

/** As long as the client ever waits before it opens another stream. */
const longestWaitMs = 30_000;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A browser's EventSource, told by the test what happens to it. */
class PlayedSource {
  static opened: PlayedSource[] = [];
  readonly url: string;
  readyState = 0;
  readonly #listeners = new Map<string, ((event: { readonly data?: unknown }) => void)[]>();

  constructor(url: string) {
    this.url = url;
    PlayedSource.opened.push(this);
  }

  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  close(): void {
    this.readyState = 2;
  }

  /** @param readyState what it is then: 0 connecting, 1 open, 2 given up */
  play(type: string, readyState: number, data?: unknown): void {
    this.readyState = readyState;
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
  }
}

function stock(version: number, changes: Partial<StockMessage> = {}): StockMessage {
  return {
    event_id: first,
    capacity: 10,
    available: 10 - version,
    held: version,
    sold: 0,
    version,
    status: "on_sale",
    next_expiry_at: null,
    at: "2030-01-01T12:00:00.000Z",
    ...changes,
  };
}

function follow(eventIds: readonly string[] = [first]) {
  PlayedSource.opened = [];
  const heard: StockMessage[] = [];
  const states: FollowState[] = [];
  const client = createClient({ baseUrl: "https://tickets.example.org" });
  const follower = client.followStock(
    eventIds,
    { onStock: (each) => heard.push(each), onState: (state) => states.push(state) },
    { EventSource: PlayedSource },
  );
  const source = (number = 0): PlayedSource => {
    const opened = PlayedSource.opened[number];
    if (opened === undefined) throw new Error("No stream was opened.");
    return opened;
  };
  return { heard, states, follower, source };
}

const tell = (source: PlayedSource, message: unknown) => source.play("stock", 1, JSON.stringify(message));

describe("following stock", () => {
  test("of one event opens its stream, of several the shared one, each event named once", () => {
    expect(follow([first]).source().url).toBe(`https://tickets.example.org/v1/events/${first}/stream`);
    expect(follow([first, second, first]).source().url).toBe(
      `https://tickets.example.org/v1/stream?event_id=${first}&event_id=${second}`,
    );
    expect(() => follow([])).toThrow("at least one event");
  });

  test("tells the state of the stream, and again when a lost one is live", () => {
    const { states, source, follower } = follow();
    source().play("open", 1);
    source().play("error", 0);
    source().play("error", 0);
    source().play("open", 1);
    follower.close();
    expect(states).toEqual(["connecting", "live", "reconnecting", "live", "closed"]);
    expect(PlayedSource.opened).toHaveLength(1);
  });

  test("opens a new stream when the browser has given up, and hears the old one no more", () => {
    const { states, source, heard, follower } = follow();
    source().play("error", 2);
    expect(states).toEqual(["connecting", "reconnecting"]);
    vi.advanceTimersByTime(longestWaitMs);
    expect(PlayedSource.opened).toHaveLength(2);
    tell(source(0), stock(1));
    source(0).play("error", 2);
    tell(source(1), stock(2));
    expect(heard.map(({ version }) => version)).toEqual([2]);
    source(1).play("open", 1);
    expect(states).toEqual(["connecting", "reconnecting", "live"]);
    follower.close();
  });

  test("waits longer each time before it opens another, but never longer than half a minute", () => {
    const { follower } = follow();
    const waitsMs: number[] = [];
    for (let number = 1; number <= 8; number += 1) {
      PlayedSource.opened.at(-1)?.play("error", 2);
      const sinceMs = Date.now();
      while (PlayedSource.opened.length === number) vi.advanceTimersByTime(10);
      waitsMs.push(Date.now() - sinceMs);
    }
    expect(waitsMs[0]).toBeLessThanOrEqual(1_010);
    expect(waitsMs[3]).toBeGreaterThanOrEqual(4_000);
    expect(Math.max(...waitsMs)).toBeGreaterThanOrEqual(15_000);
    expect(Math.max(...waitsMs)).toBeLessThanOrEqual(longestWaitMs + 10);
    follower.close();
  });

  test("never tells what is older than what it has told, not even over a new stream", () => {
    const { heard, source } = follow([first, second]);
    const later = "2030-01-01T12:00:01.000Z";
    tell(source(), stock(5));
    tell(source(), stock(4, { at: later }));
    tell(source(), stock(3, { event_id: second }));
    // Time alone can change what an event is: its version stays.
    tell(source(), stock(5, { status: "ended", at: later }));
    tell(source(), stock(5));
    source().play("error", 0);
    tell(source(), stock(2));
    tell(source(), stock(6));
    expect(heard.map(({ event_id, version, status }) => [event_id === first, version, status])).toEqual([
      [true, 5, "on_sale"],
      [false, 3, "on_sale"],
      [true, 5, "ended"],
      [true, 6, "on_sale"],
    ]);
  });

  test("ignores what is no stock", () => {
    const { heard, source } = follow();
    for (const data of ["", "{", "null", "[]", '{"event_id":"x"}', undefined])
      source().play("stock", 1, data);
    expect(heard).toEqual([]);
  });

  test("ends when it is closed: nothing is told and nothing opened any more", () => {
    const { heard, states, source, follower } = follow();
    source().play("error", 2);
    follower.close();
    follower.close();
    tell(source(), stock(1));
    vi.advanceTimersByTime(longestWaitMs);
    expect(PlayedSource.opened).toHaveLength(1);
    expect(heard).toEqual([]);
    expect(states).toEqual(["connecting", "reconnecting", "closed"]);
  });

  test("needs an EventSource, which Node does not have", () => {
    const client = createClient({ baseUrl: "https://tickets.example.org" });
    expect(() => client.followStock([first], { onStock: () => {} })).toThrow("EventSource");
  });
});
