import type { StockOfEvent } from "../../domain/event.ts";
import { StockChannel } from "./stock-channel.ts";
import { followedMax } from "./stock-messages.ts";
import { type StockNews, stockNewsOf } from "./stock-news.ts";
import type { StockStream } from "./stock-stream.ts";
import { keepAliveFrame } from "./stream-frame.ts";
import { visitInTurns } from "./visit-in-turns.ts";

const streamsMax = 10_000;
const keepAliveMs = 15_000;
/** Clients that have not taken the end of their stream by then are cut off. */
const endMaxMs = 500;

export interface StockHubOptions {
  /** What the database's clock shows. */
  readonly nowMs: () => number;
  /** Is told that other events are followed than before. */
  readonly onFollowedChange?: () => void;
  readonly streamsMax?: number;
}

/**
 * Where a worker's streams get their news: it knows who follows what, takes in what desks and polls have seen, and
 * passes it on. It keeps each followed event's last state and nothing else, so what is in memory is bounded.
 */
export class StockHub {
  readonly #options: StockHubOptions;
  readonly #channels = new Map<string, StockChannel>();
  readonly #streams = new Set<StockStream>();
  #keepingAlive: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(options: StockHubOptions) {
    this.#options = options;
  }

  /** How many streams are open. */
  get size(): number {
    return this.#streams.size;
  }

  get isFull(): boolean {
    return this.size >= (this.#options.streamsMax ?? streamsMax) || this.#channels.size >= followedMax;
  }

  /** The events that somebody follows. */
  followedEvents(): string[] {
    return [...this.#channels.keys()];
  }

  /** Whether this event's stock is known without asking for it. */
  knows(eventId: string): boolean {
    return this.#channels.get(eventId)?.isKnown === true;
  }

  /** Takes in what was seen of an event. Costs next to nothing when nobody follows it. */
  observe(event: StockOfEvent, nextExpiryAtMs: number | null, nowMs: number): void {
    this.#channels.get(event.id)?.take(stockNewsOf(event, nextExpiryAtMs, nowMs));
  }

  /** Takes in what another process has seen of an event. */
  receive(news: StockNews): void {
    this.#channels.get(news.message.event_id)?.take(news);
  }

  /**
   * Adds a stream. After stop() it is ended at once, which makes its client connect to another worker.
   *
   * @param firstNews how its events are, as far as this hub does not know them
   * @param seenVersion the version that the client was told last, null when that is not known
   */
  add(stream: StockStream, firstNews: readonly StockNews[], seenVersion: number | null): void {
    if (this.#isStopped) {
      stream.end();
      return;
    }
    this.#streams.add(stream);
    stream.onClose(() => this.#remove(stream));
    const before = this.#channels.size;
    for (const eventId of stream.eventIds) this.#openChannel(eventId);
    for (const news of firstNews) this.receive(news);
    for (const eventId of stream.eventIds) this.#channels.get(eventId)?.join(stream, seenVersion);
    if (this.#channels.size > before) this.#options.onFollowedChange?.();
    this.#keepingAlive ??= setInterval(() => this.#keepAlive(), keepAliveMs);
  }

  /** Ends every stream; their clients connect again, to whoever listens then. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    if (this.#keepingAlive !== null) clearInterval(this.#keepingAlive);
    for (const channel of this.#channels.values()) channel.close();
    for (const stream of this.#streams) stream.end();
    setTimeout(() => {
      for (const stream of this.#streams) stream.drop();
    }, endMaxMs).unref();
  }

  #openChannel(eventId: string): void {
    if (!this.#channels.has(eventId)) this.#channels.set(eventId, new StockChannel(this.#options.nowMs));
  }

  #remove(stream: StockStream): void {
    this.#streams.delete(stream);
    let isAnyClosed = false;
    for (const eventId of stream.eventIds) {
      const channel = this.#channels.get(eventId);
      channel?.leave(stream);
      if (channel?.isFollowed !== false) continue;
      channel.close();
      this.#channels.delete(eventId);
      isAnyClosed = true;
    }
    if (isAnyClosed) this.#options.onFollowedChange?.();
    if (this.size > 0 || this.#keepingAlive === null) return;
    clearInterval(this.#keepingAlive);
    this.#keepingAlive = null;
  }

  #keepAlive(): void {
    visitInTurns(this.#streams.values(), (stream) => stream.send(keepAliveFrame));
  }
}
