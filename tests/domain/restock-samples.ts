import type { Event, Restock } from "../../api/domain/event.ts";
import type {
  CloseRestockCommand,
  ReceiveDeliveryCommand,
  ReopenRestockCommand,
} from "../../api/domain/restock-commands.ts";
import { PlainStore } from "./plain-store.ts";
import { sampleEvent } from "./samples.ts";

export const rule: Restock = { threshold: 3, quantity: 5, supplierUrl: "demo:" };

/** A store with one event that has a rule. */
export function openRestockStore(given: Partial<Event> = {}): PlainStore {
  const store = new PlainStore();
  const event = sampleEvent({ available: 4, restock: rule, maxQuantity: 10, ...given });
  store.events.set(event.id, event);
  return store;
}

/** The event of such a store. */
export function eventIn(store: PlainStore): Event {
  const event = store.events.get("event");
  if (event === undefined) throw new Error("The event is not there.");
  return event;
}

export function deliveryOf(
  restockOrderId: string,
  given: Partial<ReceiveDeliveryCommand> = {},
): ReceiveDeliveryCommand {
  const quantity = rule.quantity;
  return {
    kind: "receive_delivery",
    eventId: "event",
    restockOrderId,
    quantity,
    reference: null,
    actor: "shop",
    ...given,
  };
}

export function closeOf(
  restockOrderId: string,
  status: CloseRestockCommand["status"] = "cancelled",
): CloseRestockCommand {
  return {
    kind: "close_restock",
    eventId: "event",
    restockOrderId,
    status,
    reason: "Not needed.",
    actor: "ops",
  };
}

export function reopenOf(restockOrderId: string): ReopenRestockCommand {
  return { kind: "reopen_restock", eventId: "event", restockOrderId, actor: "ops" };
}

/** Makes ids that can be told apart and are in order. */
export function countedIds(): () => string {
  let count = 0;
  return () => `id-${(count += 1)}`;
}
