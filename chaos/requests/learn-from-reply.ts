import type { Called } from "./judge-reply.ts";
import type { KnownThings } from "./known-things.ts";
import type { KnownKind } from "./plan.ts";

type Named = readonly [kind: KnownKind, member: string];

/** Where the reply of a call names what later requests can name, too. */
const sources: Readonly<Record<string, readonly Named[]>> = {
  hold_tickets: [["reservation", "id"]],
  create_event: [["event", "id"]],
  put_cart_item: [["cart", "id"]],
  check_out_cart: [["order", "id"]],
  create_webhook_endpoint: [["webhook_endpoint", "id"]],
  create_api_key: [["api_key", "id"]],
};

/** The same for the items of a list. */
const listSources: Readonly<Record<string, readonly Named[]>> = {
  list_restock_orders: [["restock_order", "id"]],
  list_webhook_deliveries: [
    ["message", "message_id"],
    ["delivery", "id"],
  ],
  jobs: [["job", "id"]],
  restocks: [["restock_order", "id"]],
};

/** Remembers what a good answer tells, so that later requests lead somewhere. */
export function learnFromReply(called: Called, value: unknown, known: KnownThings): void {
  if (called.kind === "other") return;
  const { name } = called;
  for (const [kind, member] of sources[name] ?? []) learn(kind, read(value, member));
  const items = read(value, "data");
  if (Array.isArray(items))
    for (const item of items as unknown[])
      for (const [kind, member] of listSources[name] ?? []) learn(kind, read(item, member));
  if (name === "put_cart_item")
    for (const item of arrayOf(read(value, "items"))) learn("reservation", read(item, "reservation_id"));
  if (name === "create_customer") learn("customer", read(read(value, "customer"), "id"));
  if (name === "create_api_key") {
    const key = read(value, "key");
    if (typeof key === "string") known.learnKey(key);
  }
  // Codes stand in the messages of the demo's phone.
  if (name === "outbox")
    for (const item of arrayOf(items)) {
      const code = /\b\d{6}\b/.exec(String(read(item, "text")))?.[0];
      if (code !== undefined) known.learnCode(code);
    }

  function learn(kind: KnownKind, id: unknown): void {
    if (typeof id === "string") known.learn(kind, id);
  }
}

function read(value: unknown, member: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, member)
    ? Reflect.get(value, member)
    : undefined;
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
