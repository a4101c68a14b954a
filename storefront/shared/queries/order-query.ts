import type { OrderReply } from "@holdfast/client";
import { queryOptions } from "@tanstack/react-query";
import { reader } from "../api/clients.ts";
import { codeOf } from "../api/explain-problem.ts";
import { askAgainAfter } from "./ask-again.ts";
import { endSession } from "../session/session.ts";

const pendingMs = 1_500;

/** Asks for an order, again and again until it is known what came of its payment. */
export function orderQuery(orderId: string) {
  return queryOptions({
    queryKey: ["order", orderId],
    queryFn: async ({ signal }): Promise<OrderReply> => {
      try {
        return await reader.findOrder(orderId, { signal });
      } catch (error) {
        if (codeOf(error) === "unauthorized") endSession();
        throw error;
      }
    },
    refetchInterval: (query) => {
      const { data, error } = query.state;
      const mayChange = data?.status === "pending" || data?.payment.status === "refunding";
      return mayChange && error === null ? pendingMs : askAgainAfter(query);
    },
  });
}
