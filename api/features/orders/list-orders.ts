import type { Order, OrderStatus } from "../../domain/order.ts";
import type { Page, PageRequest } from "../../kernel/page.ts";
import type { Database } from "../../store/open-database.ts";
import { selectOrderPage } from "../../store/orders.ts";

/**
 * Reads a page of orders, newest first.
 *
 * @param filter.userId null for everyone's
 */
export function listOrders(
  { database }: { database: Database },
  filter: { userId: string | null; status: OrderStatus | null },
  request: PageRequest,
): Promise<Page<Order>> {
  return selectOrderPage(database, filter, request);
}
