import { randomUUID } from "node:crypto";
import { Client } from "./ask.ts";
import { makeBadCredentials } from "./bad-credentials.ts";
import { type Buyer, KnownThings } from "./known-things.ts";
import { phoneNumberAt } from "./phone-numbers.ts";
import { readSigningSecret } from "./read-signing-secret.ts";
import { stripeSecret, type TargetService } from "./target-service.ts";

/** So many that few of them meet their limit of requests. */
const buyerCount = 400;
const atOnce = 8;
const otherEventCount = 10;

/** Events that no request changes, one for each way to sell. */
const shopEvents = [
  { name: "Event for everybody", capacity: 10_000_000, max_quantity: 20, max_extensions: 10 },
  { name: "Event with a price", capacity: 10_000_000, max_quantity: 4, price_cents: 4_500 },
  { name: "Event with another currency", capacity: 10_000_000, price_cents: 1, currency: "EUR" },
  { name: "Event with short holds", capacity: 10_000_000, max_quantity: 20, hold_seconds: 2 },
  { name: "Event for verified phones", capacity: 10_000_000, requires_verified_phone: true },
  { name: "Event with few tickets", capacity: 5, max_quantity: 3, hold_seconds: 3 },
  {
    name: "Event that is restocked",
    capacity: 60,
    max_quantity: 20,
    restock: { threshold: 50, quantity: 40, supplier_url: "demo:" },
  },
];

/** Makes what has to be there so that generated requests meet something. @throws RunError when that fails */
export async function furnishService(service: TargetService, receiverUrl: string): Promise<KnownThings> {
  const admin = new Client(service.publicAddress, service.adminKey);
  const makeKey = async (role: string) =>
    text(await admin.ask("POST", "/v1/api-keys", { name: role, role }), "key");
  const [serviceKey, observerKey] = [await makeKey("service"), await makeKey("observer")];
  const shop = new Client(service.publicAddress, serviceKey);
  const events: string[] = [];
  for (const terms of shopEvents) events.push(text(await admin.ask("POST", "/v1/events", terms), "id"));
  const buyers = await makeBuyers(shop);
  const known = new KnownThings({
    credentials: {
      admin: service.adminKey,
      service: serviceKey,
      observer: observerKey,
      buyers,
      bad: await makeBad(service, admin, buyers[0]?.token ?? ""),
    },
    shopEvents: events,
    receiverUrl,
    stripeSecret,
  });
  for (let index = 0; index < otherEventCount; index += 1) {
    const terms = { name: `Event ${index}`, capacity: 100 * (index + 1), max_quantity: 4 };
    known.learn("event", text(await admin.ask("POST", "/v1/events", terms), "id"));
  }
  const endpoint = {
    url: `${receiverUrl}/ok`,
    event_types: ["order.paid", "event.restocked", "event.sold_out"],
  };
  known.learn("webhook_endpoint", text(await admin.ask("POST", "/v1/webhook-endpoints", endpoint), "id"));
  await buyOnce(shop, known, buyers);
  return known;
}

async function makeBuyers(shop: Client): Promise<Buyer[]> {
  const make = async (index: number) => {
    const userId = `buyer-${index}`;
    return {
      userId,
      token: text(await shop.ask("POST", "/v1/buyer-tokens", { user_id: userId }), "buyer_token"),
    };
  };
  const buyers: Buyer[] = [];
  while (buyers.length < buyerCount)
    buyers.push(...(await Promise.all(Array.from({ length: atOnce }, (_, n) => make(buyers.length + n)))));
  return buyers;
}

async function makeBad(service: TargetService, admin: Client, token: string): Promise<string[]> {
  const revoked = await admin.ask("POST", "/v1/api-keys", { name: "revoked", role: "admin" });
  await admin.ask("DELETE", `/v1/api-keys/${text(revoked, "id")}`);
  return makeBadCredentials({
    adminKey: service.adminKey,
    revokedKey: text(revoked, "key"),
    token,
    signingSecret: await readSigningSecret(service.dataDir),
    nowMs: Date.now(),
  });
}

/** Something of every kind exists from the first request on. */
async function buyOnce(shop: Client, known: KnownThings, buyers: readonly Buyer[]): Promise<void> {
  const [everybody = "", priced = "", , , , , restocked = ""] = known.shopEvents;
  for (const { userId } of buyers.slice(0, 20)) {
    const held = await shop.ask("POST", `/v1/events/${everybody}/reservations`, { user_id: userId });
    known.learn("reservation", text(held, "id"));
    const cartId = randomUUID();
    await shop.ask("PUT", `/v1/carts/${cartId}/items/${priced}`, { user_id: userId });
    known.learn("cart", cartId);
    const payment = { provider: "demo", token: "tok_ok" };
    const order = await shop.ask("POST", `/v1/carts/${cartId}/checkout`, {
      email: "ada@example.org",
      payment,
    });
    known.learn("order", text(order, "id"));
  }
  for (let n = 0; n < 5; n += 1) {
    const customer = {
      first_name: "Ada",
      last_name: "Lovelace",
      email: "ada@example.org",
      phone_number: phoneNumberAt(n),
    };
    const made = await shop.ask("POST", "/v1/customers", { request_id: randomUUID(), customer });
    known.learn("customer", text(made["customer"], "id"));
  }
  // Fewer are free then than its rule asks for.
  await shop.ask("POST", `/v1/events/${restocked}/reservations`, { user_id: "restocker", quantity: 20 });
  const orders = await shop.ask("GET", `/v1/events/${restocked}/restock-orders`);
  for (const order of orders["data"] as unknown[]) known.learn("restock_order", text(order, "id"));
}

function text(document: unknown, name: string): string {
  const value = typeof document === "object" && document !== null ? Reflect.get(document, name) : undefined;
  if (typeof value !== "string") throw new Error(`A reply lacks ${name}.`);
  return value;
}
