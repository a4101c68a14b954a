import type { RestockOrder } from "../../domain/restock-order.ts";
import type { Page, PageRequest } from "../../kernel/page.ts";
import { selectEvent } from "../../store/events.ts";
import type { Database } from "../../store/open-database.ts";
import { selectRestockOrders } from "../../store/restock-orders.ts";

/** Reads a page of an event's restock orders, newest first. @returns null when there is no such event */
export async function listRestockOrders(
  { database }: { database: Database },
  eventId: string,
  request: PageRequest,
): Promise<Page<RestockOrder> | null> {
  const [event, page] = await Promise.all([
    selectEvent(database, eventId),
    selectRestockOrders(database, eventId, request),
  ]);
  return event === null ? null : page;
}
