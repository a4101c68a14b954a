import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { reader } from "../../shared/api/clients.ts";
import { codeOf } from "../../shared/api/explain-problem.ts";
import { askAgainAfter } from "../../shared/queries/ask-again.ts";
import { endSession } from "../../shared/session/session.ts";

const ordersPerPage = 10;

/** Which part of the list is looked at: after one order, or before one; neither for its start. */
export interface OrdersPlace {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly page: number;
}

export const pagesOf = (total: number): number => Math.max(1, Math.ceil(total / ordersPerPage));

/** Asks for one page of a guest's orders. */
export function ordersQuery(userId: string, { after, before }: OrdersPlace) {
  return queryOptions({
    queryKey: ["orders", userId, after ?? "", before ?? ""],
    queryFn: async ({ signal }) => {
      try {
        return await reader.listOrders(
          { limit: ordersPerPage, starting_after: after, ending_before: before },
          { signal },
        );
      } catch (error) {
        if (codeOf(error) === "unauthorized") endSession();
        throw error;
      }
    },
    refetchInterval: askAgainAfter,
    placeholderData: keepPreviousData,
  });
}
