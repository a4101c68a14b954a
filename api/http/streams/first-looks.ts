import type { StockOfEvent } from "../../domain/event.ts";
import { type StockNews, stockNewsOf } from "./stock-news.ts";

interface Look {
  readonly event: StockOfEvent;
  readonly nextExpiryAtMs: number | null;
  readonly nowMs: number;
}

type ReadStock = (eventIds: readonly string[]) => Promise<readonly Look[]>;

/**
 * Reads how events are that a new stream is to follow. When a worker is replaced, thousands come back within a second
 * and ask for the same few events: those who ask while a read is under way wait for that one.
 */
export class FirstLooks {
  readonly #readStock: ReadStock;
  readonly #reading = new Map<string, Promise<ReadonlyMap<string, StockNews>>>();

  constructor(readStock: ReadStock) {
    this.#readStock = readStock;
  }

  /** @returns the news of each of these events; null when one of them does not exist */
  async read(eventIds: readonly string[]): Promise<StockNews[] | null> {
    const missing = eventIds.filter((eventId) => !this.#reading.has(eventId));
    if (missing.length > 0) this.#begin(missing);
    const found: StockNews[] = [];
    const reads = eventIds.map((eventId) => this.#reading.get(eventId));
    for (const [index, news] of (await Promise.all(reads)).entries()) {
      const ofEvent = news?.get(eventIds[index] ?? "");
      if (ofEvent === undefined) return null;
      found.push(ofEvent);
    }
    return found;
  }

  #begin(eventIds: readonly string[]): void {
    const reading = this.#readAll(eventIds).finally(() => {
      for (const eventId of eventIds) this.#reading.delete(eventId);
    });
    for (const eventId of eventIds) this.#reading.set(eventId, reading);
  }

  async #readAll(eventIds: readonly string[]): Promise<ReadonlyMap<string, StockNews>> {
    const looks = await this.#readStock(eventIds);
    return new Map(
      looks.map(({ event, nextExpiryAtMs, nowMs }) => [event.id, stockNewsOf(event, nextExpiryAtMs, nowMs)]),
    );
  }
}
