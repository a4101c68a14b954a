import { eventIdsOf, type StockCommand } from "../domain/commands.ts";

/** The cart whose row a command needs locked; null when it is about none. */
export function cartIdOf(command: StockCommand): string | null {
  return "cartId" in command ? command.cartId : null;
}

/** Whose lock guards what is recorded under a command's idempotency key: the cart, or else the one event. */
export function placeOf(command: StockCommand): string {
  return "cartId" in command ? command.cartId : command.eventId;
}

/** Everything that a command needs locked, in the order in which it is locked. */
export function locksOf(command: StockCommand): readonly string[] {
  const eventIds = eventIdsOf(command);
  if (!("cartId" in command)) return eventIds;
  return [...[...eventIds].sort(), command.cartId];
}

/** Where a command is put in line when it is not known which of its locks somebody else has. */
export function likelyPlaceOf(command: StockCommand): string {
  return command.kind === "put_cart_item" ? command.cartId : (locksOf(command)[0] ?? "");
}

/** Whether a command needs more than one lock, so that waiting for one of them may keep others waiting. */
export function needsSeveralLocks(command: StockCommand): boolean {
  return "cartId" in command;
}

/** Makes of commands a list of the events that they need, each of them once. */
export function eventIdsOfAll(commands: readonly StockCommand[]): string[] {
  const ids = new Set<string>();
  for (const command of commands) for (const id of eventIdsOf(command)) ids.add(id);
  return [...ids];
}
