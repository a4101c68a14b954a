import type { Requester } from "../../domain/commands.ts";
import type { Order } from "../../domain/order.ts";
import type { Database } from "../../store/open-database.ts";
import { selectOrder } from "../../store/orders.ts";

/** Reads an order. @returns null when there is none, or when it is another buyer's */
export async function findOrder(
  { database }: { database: Database },
  orderId: string,
  requester: Requester,
): Promise<Order | null> {
  const order = await selectOrder(database, orderId);
  if (requester.role === "buyer" && order?.userId !== requester.userId) return null;
  return order;
}
