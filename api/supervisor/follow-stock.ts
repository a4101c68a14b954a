import { followedMax, followRequest, newsMax, type StockReport } from "../http/streams/stock-messages.ts";
import { isNews, type StockNews, stockNewsOf } from "../http/streams/stock-news.ts";
import { startStockWatch } from "../jobs/watch-stock.ts";
import type { Log } from "../kernel/log.ts";
import { openDatabase } from "../store/open-database.ts";
import type { StockLook } from "../store/watched-stock.ts";

/** Passes a message to a worker. False means that the worker takes nothing now. */
export type SendToWorker = (workerId: number, message: StockReport) => boolean;

/**
 * Knows which events the streams of each worker follow, and what each worker was told about them. News that a worker
 * could not take are offered again with the next look.
 */
export class FollowedStock {
  readonly #send: SendToWorker;
  /** For each worker the events that it follows, each with the news that it was sent last. */
  readonly #workers = new Map<number, Map<string, StockNews | null>>();
  readonly #known = new Map<string, StockNews>();
  #followed: readonly string[] = [];
  #nextIndex = 0;

  constructor(send: SendToWorker) {
    this.#send = send;
  }

  /**
   * Takes in a worker's message about what it follows.
   *
   * @param message as it came from another process, hence of any shape
   * @returns false when it is no well-formed one; then it was ignored
   */
  receive(workerId: number, message: unknown): boolean {
    const parsed = followRequest.safeParse(message);
    if (!parsed.success) return false;
    const before = this.#workers.get(workerId);
    const events = parsed.data.event_ids.map((id) => [id, before?.get(id) ?? null] as const);
    this.#workers.set(workerId, new Map(events));
    this.#recount();
    this.#tell(workerId);
    return true;
  }

  /** A worker that has ended follows nothing. */
  forget(workerId: number): void {
    if (this.#workers.delete(workerId)) this.#recount();
  }

  /** The events to look at next: all that are followed, or of too many those whose turn it is. */
  eventsToWatch(): readonly string[] {
    const { length } = this.#followed;
    if (length <= followedMax) return this.#followed;
    const start = this.#nextIndex % length;
    this.#nextIndex = start + followedMax;
    return [...this.#followed, ...this.#followed].slice(start, start + followedMax);
  }

  /** Takes in what was seen, and tells each worker what it did not know. */
  take(looks: readonly StockLook[]): void {
    const followed = new Set(this.#followed);
    for (const { event, nextExpiryAtMs, nowMs } of looks) {
      if (!followed.has(event.id)) continue;
      const news = stockNewsOf(event, nextExpiryAtMs, nowMs);
      const known = this.#known.get(event.id);
      if (known === undefined || isNews(known.message, news.message)) this.#known.set(event.id, news);
    }
    for (const workerId of this.#workers.keys()) this.#tell(workerId);
  }

  #tell(workerId: number): void {
    const events = this.#workers.get(workerId);
    if (events === undefined) return;
    const untold: StockNews[] = [];
    for (const [eventId, told] of events) {
      const known = this.#known.get(eventId);
      if (known !== undefined && known !== told) untold.push(known);
    }
    for (let start = 0; start < untold.length; start += newsMax) {
      const news = untold.slice(start, start + newsMax);
      if (!this.#send(workerId, { kind: "stock_report", news })) return;
      for (const each of news) events.set(each.message.event_id, each);
    }
  }

  #recount(): void {
    const followed = new Set<string>();
    for (const events of this.#workers.values()) for (const eventId of events.keys()) followed.add(eventId);
    this.#followed = [...followed];
    for (const eventId of this.#known.keys()) if (!followed.has(eventId)) this.#known.delete(eventId);
  }
}

/** The machine's look at what is followed. */
export interface StockFollowing extends Pick<FollowedStock, "receive" | "forget"> {
  stop(): Promise<void>;
}

/** Begins to look at followed stock for all workers of this machine, over a connection that is made when first needed. */
export function followStock(connectionString: string, send: SendToWorker, log: Log): StockFollowing {
  const database = openDatabase({
    connectionString,
    connectionsMax: 1,
    onLost: (error) => log.warn({ err: error }, "A database connection was lost."),
  });
  const followed = new FollowedStock(send);
  const watch = startStockWatch(
    {
      database,
      eventsToWatch: () => followed.eventsToWatch(),
      onLooks: (looks) => followed.take(looks),
    },
    (error) => log.warn({ err: error }, "Followed stock could not be read; trying again."),
  );
  return {
    receive: (workerId, message) => followed.receive(workerId, message),
    forget: (workerId) => followed.forget(workerId),
    stop: async () => {
      await watch.stop();
      await database.destroy();
    },
  };
}
