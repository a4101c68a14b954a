import { type Loop, startLoop } from "../kernel/start-loop.ts";
import type { Database } from "../store/open-database.ts";
import { selectWatchedStock, type StockLook } from "../store/watched-stock.ts";

/** How late a change by another machine may be noticed. */
const intervalMs = 100;

export interface StockWatchOptions {
  readonly database: Database;
  /** The events to look at now, not too many for one statement. With none, the database is not asked. */
  readonly eventsToWatch: () => readonly string[];
  readonly onLooks: (looks: readonly StockLook[]) => void;
}

/** Looks at the stock of events that somebody follows, again and again. Its failures are told as those of any loop. */
export function startStockWatch(
  { database, eventsToWatch, onLooks }: StockWatchOptions,
  onFailure: (error: unknown) => void,
): Loop {
  return startLoop(async () => {
    const eventIds = eventsToWatch();
    if (eventIds.length > 0) onLooks(await selectWatchedStock(database, eventIds));
    return intervalMs;
  }, onFailure);
}
