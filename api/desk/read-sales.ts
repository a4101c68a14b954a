import type { SalesRead } from "../domain/cart-books.ts";
import type { PutCartItemCommand, StockCommand } from "../domain/commands.ts";
import {
  cartFromRow,
  claimCarts,
  lockCarts,
  selectCartReservations,
  selectItemLimits,
} from "../store/carts.ts";
import type { DeskConnection } from "../store/desk-connection.ts";
import { orderFromRow, selectOrders } from "../store/orders.ts";
import type { Statement } from "../store/statement.ts";
import { cartIdOf } from "./command-needs.ts";

/** What a batch asks of carts and orders. */
export interface SalesNeeds {
  readonly cartIds: readonly string[];
  /** Those of the carts whose state is told in an answer, with how often their deadlines may still be moved. */
  readonly toldCartIds: readonly string[];
  readonly puts: readonly PutCartItemCommand[];
  readonly orderIds: readonly string[];
}

/** The rows that a statement answers with. */
export type RowsOf<MakeStatement extends (...asked: never[]) => Statement> = NonNullable<
  ReturnType<MakeStatement>["row"]
>[];

export type CartLockRows = [claimed: RowsOf<typeof claimCarts>, locked: RowsOf<typeof lockCarts>];
export type CartReadRows = [
  RowsOf<typeof selectCartReservations>,
  RowsOf<typeof selectItemLimits>,
  RowsOf<typeof selectOrders>,
];
/** Answers that are on their way, or are known already. */
type Sent<Answers extends readonly unknown[]> = {
  [Index in keyof Answers]: Answers[Index] | Promise<Answers[Index]>;
};

/** @returns null when no command is about a cart, so that such a batch pays nothing for carts */
export function salesNeedsOf(commands: readonly StockCommand[]): SalesNeeds | null {
  const cartIds = new Set<string>();
  const toldCartIds = new Set<string>();
  const puts: PutCartItemCommand[] = [];
  const orderIds: string[] = [];
  for (const command of commands) {
    const cartId = cartIdOf(command);
    if (cartId === null) continue;
    cartIds.add(cartId);
    if (command.kind === "put_cart_item") puts.push(command);
    if (command.kind === "settle_order" || command.kind === "refund_order") orderIds.push(command.orderId);
    else if (command.kind !== "begin_checkout") toldCartIds.add(cartId);
  }
  return cartIds.size === 0 ? null : { cartIds: [...cartIds], toldCartIds: [...toldCartIds], puts, orderIds };
}

/** Sends what makes and locks the carts: after the locks of the events, and before the clock is read. */
export function sendCartLocks(
  connection: DeskConnection,
  needs: SalesNeeds | null,
  skipLocked: boolean,
): Sent<CartLockRows> {
  if (needs === null) return [[], []];
  const claims = needs.puts.map(({ cartId, userId, eventId }) => ({ id: cartId, userId, eventId }));
  return [
    claims.length > 0 ? connection.run(claimCarts(claims, skipLocked)) : [],
    connection.run(lockCarts(needs.cartIds, skipLocked)),
  ];
}

/** Sends what is read about carts once they are locked. */
export function sendCartReads(connection: DeskConnection, needs: SalesNeeds | null): Sent<CartReadRows> {
  if (needs === null) return [[], [], []];
  const { cartIds, toldCartIds, orderIds } = needs;
  return [
    connection.run(selectCartReservations(cartIds)),
    toldCartIds.length > 0 ? connection.run(selectItemLimits(toldCartIds)) : [],
    connection.run(selectOrders(orderIds, cartIds)),
  ];
}

/** Puts together what the books need to know of carts and orders. */
export function salesFromRows({
  claimed,
  carts,
  limits,
  orders,
}: {
  readonly claimed: RowsOf<typeof claimCarts>;
  readonly carts: RowsOf<typeof lockCarts>;
  readonly limits: RowsOf<typeof selectItemLimits>;
  readonly orders: RowsOf<typeof selectOrders>;
}): SalesRead {
  return {
    carts: carts.map(cartFromRow),
    freshCartIds: new Set(claimed.map(({ id }) => id)),
    orders: orders.map(orderFromRow),
    maxExtensions: new Map(limits.map((limit) => [limit.id, limit.max_extensions])),
  };
}
