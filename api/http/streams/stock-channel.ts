import { isNews, type StockNews } from "./stock-news.ts";
import type { StockStream } from "./stock-stream.ts";
import { type StreamFrame, stockFrame } from "./stream-frame.ts";
import { visitInTurns } from "./visit-in-turns.ts";

/** The shortest time between two messages about one event to the same client. */
const spacingMs = 100;

/**
 * One event and those who follow it. The first change goes out at once; those that follow within the spacing are
 * one message, which tells the last state. Each state is written out once for all followers.
 */
export class StockChannel {
  /** Each follower with the number of the state that it was told last. */
  readonly #followers = new Map<StockStream, number>();
  readonly #nowMs: () => number;
  #news: StockNews | null = null;
  /** The number of the newest state. */
  #state = 0;
  #frame: { readonly state: number; readonly frame: StreamFrame } | null = null;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #isTelling = false;
  #timer: NodeJS.Timeout | null = null;

  /** @param nowMs what the database's clock shows */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get isKnown(): boolean {
    return this.#news !== null;
  }

  get isFollowed(): boolean {
    return this.#followers.size > 0;
  }

  /** Takes in what was seen of the event; what is older than what is known changes nothing. */
  take(news: StockNews): void {
    if (this.#news !== null && !isNews(this.#news.message, news.message)) return;
    this.#news = news;
    this.#state += 1;
    this.#tellSoon();
  }

  /**
   * Adds a follower and tells it how things are.
   *
   * @param seenVersion what it was told last, on an earlier connection; null when that is not known
   */
  join(stream: StockStream, seenVersion: number | null): void {
    this.#followers.set(stream, this.#state);
    if (this.#news === null) return;
    const { message, is_timed: isTimed } = this.#news;
    if (message.version === seenVersion && !isTimed) return;
    // The stock is as it was, but clients set their countdowns by the time that they are told.
    stream.send(stockFrame(this.#stamp()));
  }

  leave(stream: StockStream): void {
    this.#followers.delete(stream);
  }

  /** Tells nobody anything any more. */
  close(): void {
    this.#followers.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #tellSoon(): void {
    if (this.#isTelling || this.#timer !== null) return;
    // Never in the turn of who brings the news: a desk has buyers to answer first.
    const delayMs = Math.max(0, this.#toldAtMs + spacingMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#tell();
    }, delayMs);
  }

  #tell(): void {
    this.#isTelling = true;
    this.#toldAtMs = performance.now();
    const toldState = this.#state;
    visitInTurns(
      this.#followers.entries(),
      ([stream, told]) => {
        if (told === this.#state) return;
        this.#followers.set(stream, this.#state);
        stream.send(this.#currentFrame());
      },
      () => {
        this.#isTelling = false;
        if (this.#state !== toldState) this.#tellSoon();
      },
    );
  }

  #currentFrame(): StreamFrame {
    if (this.#frame?.state !== this.#state) {
      this.#frame = { state: this.#state, frame: stockFrame(this.#stamp()) };
    }
    return this.#frame.frame;
  }

  #stamp() {
    if (this.#news === null) throw new Error("There is nothing to tell about this event yet.");
    const { message } = this.#news;
    const now = new Date(this.#nowMs()).toISOString();
    return now > message.at ? { ...message, at: now } : message;
  }
}
