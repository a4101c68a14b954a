import type { StockCommand } from "../domain/commands.ts";
import type { Event } from "../domain/event.ts";
import type { DeskConnection } from "../store/desk-connection.ts";
import { type PhoneAsked, selectActiveByPhone, selectVerifiedPhones } from "../store/verified-phones.ts";
import { findLateItems, type ReadSoFar } from "./read-earliest-holds.ts";
import type { RowsOf } from "./read-sales.ts";

/** What a batch asks about verified phones. */
export interface PhoneNeeds {
  readonly customerIds: readonly string[];
  readonly asked: readonly PhoneAsked[];
}

/** The form in which the database writes a UUID. Whoever has another id is no customer. */
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @returns null when no event asks for a phone, so that such a batch pays nothing for it */
export function phoneNeedsOf(commands: readonly StockCommand[], read: ReadSoFar): PhoneNeeds | null {
  const asked: PhoneAsked[] = findLateItems(commands, read).flatMap(({ item: { eventId }, hold }) =>
    hold === null || hold.verifiedPhone === null
      ? []
      : [{ eventId, customerId: null, phone: hold.verifiedPhone }],
  );
  const customerIds = new Set<string>();
  const eventIds = eventsThatAsk(commands, read.events);
  if (eventIds.size > 0) {
    for (const command of commands) {
      if (command.kind !== "hold" && command.kind !== "put_cart_item") continue;
      const { eventId, userId } = command;
      if (!eventIds.has(eventId) || !uuidPattern.test(userId)) continue;
      customerIds.add(userId);
      asked.push({ eventId, customerId: userId, phone: null });
    }
  }
  return asked.length === 0 ? null : { customerIds: [...customerIds], asked };
}

/** Sends what is asked: the phones, and the reservations that are active under them. */
export function sendPhoneReads(
  connection: DeskConnection,
  needs: PhoneNeeds | null,
): readonly [
  RowsOf<typeof selectVerifiedPhones> | Promise<RowsOf<typeof selectVerifiedPhones>>,
  RowsOf<typeof selectActiveByPhone> | Promise<RowsOf<typeof selectActiveByPhone>>,
] {
  if (needs === null) return [[], []];
  const { customerIds, asked } = needs;
  return [
    customerIds.length > 0 ? connection.run(selectVerifiedPhones(customerIds)) : [],
    connection.run(selectActiveByPhone(asked)),
  ];
}

/** The events that ask for a verified phone, with those that may ask for it after a command of this very batch. */
function eventsThatAsk(commands: readonly StockCommand[], events: ReadonlyMap<string, Event>): Set<string> {
  const asking = new Set<string>();
  for (const event of events.values()) if (event.requiresVerifiedPhone) asking.add(event.id);
  for (const command of commands) {
    if (command.kind === "change_event" && command.change.requiresVerifiedPhone === true)
      asking.add(command.eventId);
  }
  return asking;
}
