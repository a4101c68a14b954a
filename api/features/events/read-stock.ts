import type { Database } from "../../store/open-database.ts";
import { selectWatchedStock, type StockLook } from "../../store/watched-stock.ts";

/** Reads the stock of these events as it is now. Events that do not exist are left out. */
export function readStock(
  { database }: { database: Database },
  eventIds: readonly string[],
): Promise<StockLook[]> {
  return selectWatchedStock(database, eventIds);
}
