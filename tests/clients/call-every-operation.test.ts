import { describe, expect, test } from "vitest";
import { noBody } from "../../api/contract/events.ts";
import { type Operation, operations, type PlainOperationName } from "../../api/contract/operations.ts";
import { type Client, createClient } from "../../clients/typescript/client.ts";

const id = "0198c0de-0000-7000-8000-000000000001";
const other = "0198c0de-0000-7000-8000-000000000002";

/** How each call of the contract is made. That none is missing is checked by its type. */
const calls: Readonly<Record<PlainOperationName, (client: Client) => Promise<unknown>>> = {
  list_events: (client) => client.listEvents({ search: "northern lights", limit: 5, starting_after: id }),
  find_event: (client) => client.findEvent(id),
  create_event: (client) => client.createEvent({ name: "Concert", capacity: 10 }),
  change_event: (client) => client.changeEvent(id, { capacity: 20 }),
  pause_event: (client) => client.pauseEvent(id, { reason: "Rain." }),
  resume_event: (client) => client.resumeEvent(id),
  hold_tickets: (client) => client.holdTickets(id, { user_id: "ada", quantity: 2 }),
  find_reservation: (client) => client.findReservation(id),
  list_reservations: (client) => client.listReservations(id, { status: "held", user_id: "ada" }),
  confirm_reservation: (client) => client.confirmReservation(id),
  extend_reservation: (client) => client.extendReservation(id),
  cancel_reservation: (client) => client.cancelReservation(id),
  put_cart_item: (client) => client.putCartItem(id, other, { user_id: "ada" }),
  remove_cart_item: (client) => client.removeCartItem(id, other),
  find_cart: (client) => client.findCart(id),
  extend_cart: (client) => client.extendCart(id),
  check_out_cart: (client) =>
    client.checkOutCart(id, { email: "ada@shop.example", payment: { provider: "demo", token: "tok_ok" } }),
  find_order: (client) => client.findOrder(id),
  list_orders: (client) => client.listOrders({ status: "paid", ending_before: id }),
  refund_order: (client) => client.refundOrder(id),
  list_restock_orders: (client) => client.listRestockOrders(id, { limit: 5, ending_before: other }),
  report_delivery: (client) => client.reportDelivery({ restock_order_id: id, quantity: 100 }),
  create_customer: (client) =>
    client.createCustomer({
      request_id: "sign-up-1",
      customer: {
        first_name: "Ada",
        last_name: "Lovelace",
        email: "ada@shop.example",
        phone_number: "+14155550132",
      },
    }),
  verify_customer: (client) => client.verifyCustomer(id, { verification_code: "271828" }),
  resend_code: (client) => client.resendCode(id),
  find_customer: (client) => client.findCustomer(id),
  create_buyer_token: (client) => client.createBuyerToken(),
  create_api_key: (client) => client.createApiKey({ name: "shop", role: "service" }),
  list_api_keys: (client) => client.listApiKeys({ limit: 100 }),
  create_webhook_endpoint: (client) =>
    client.createWebhookEndpoint({ url: "https://shop.example/hooks", event_types: ["order.paid"] }),
  list_webhook_endpoints: (client) => client.listWebhookEndpoints({ limit: 5 }),
  delete_webhook_endpoint: (client) => client.deleteWebhookEndpoint(id),
  rotate_webhook_secret: (client) => client.rotateWebhookSecret(id),
  enable_webhook_endpoint: (client) => client.enableWebhookEndpoint(id),
  list_webhook_deliveries: (client) => client.listWebhookDeliveries(id, { status: "failed" }),
  resend_webhook_message: (client) => client.resendWebhookMessage(id, other),
  revoke_api_key: (client) => client.revokeApiKey(id),
};

interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly body: unknown;
  readonly headers: Headers;
}

async function send(call: (client: Client) => Promise<unknown>, status: number): Promise<Sent> {
  const sent: Sent[] = [];
  const client = createClient({
    baseUrl: "https://tickets.example.org/shop/",
    fetch: async (input, init) => {
      const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
      const headers = new Headers(init?.headers);
      sent.push({ url: new URL(String(input)), method: init?.method ?? "GET", body, headers });
      return new Response(status === 204 ? null : "{}", { status });
    },
  });
  await call(client);
  const [only] = sent;
  if (only === undefined || sent.length > 1) throw new Error(`${sent.length} requests were sent.`);
  return only;
}

describe("the client", () => {
  test.each(Object.entries(calls))("calls %s as the contract says", async (name, call) => {
    const operation: Operation = operations[name as PlainOperationName];
    const { url, method, body, headers } = await send(call, operation.reply.status);
    const pattern = operation.path.replaceAll(/\{\w+\}/g, "[0-9a-f-]{36}");
    expect(url.pathname).toMatch(new RegExp(`^/shop${pattern}$`));
    expect(method).toBe(operation.method.toUpperCase());
    expect(headers.has("idempotency-key")).toBe(method === "POST");
    expect(body === undefined).toBe(operation.body === undefined);
    expect(operation.body?.safeParse(body).error).toBeUndefined();
    expect(headers.get("content-type")).toBe(body === undefined ? null : "application/json");
    const query = Object.fromEntries(url.searchParams);
    expect((operation.query ?? noBody).safeParse(query).error).toBeUndefined();
  });

  test("sends what was asked for, and leaves out what was not", async () => {
    const { url } = await send((client) => client.listEvents({ search: "a&b", limit: undefined }), 200);
    expect(url.search).toBe("?search=a%26b");
    const { body } = await send((client) => client.holdTickets(id, { user_id: "ada" }), 201);
    expect(body).toEqual({ user_id: "ada" });
  });

  test("keeps an id within its part of the path, whatever it contains", async () => {
    const { url } = await send((client) => client.findEvent("../api-keys?x=/"), 200);
    expect(url.href).toBe("https://tickets.example.org/shop/v1/events/..%2Fapi-keys%3Fx%3D%2F");
  });

  test("wants to know where the service is, where no page tells it", () => {
    expect(() => createClient()).toThrow("baseUrl");
  });
});

describe("walking through a list", () => {
  /** A list of five, newest first, that gains one at its head whenever it is read. */
  function openList() {
    const asked: string[] = [];
    const items = ["e", "d", "c", "b", "a"];
    const client = createClient({
      baseUrl: "http://service",
      fetch: async (input) => {
        const { searchParams, search } = new URL(String(input));
        asked.push(search);
        const after = searchParams.get("starting_after");
        const from = after === null ? 0 : items.indexOf(after) + 1;
        const data = items.slice(from, from + 2).map((each) => ({ id: each }));
        const has_more = from + 2 < items.length;
        items.unshift(`new ${asked.length}`);
        return new Response(
          JSON.stringify({ object: "list", url: "/", data, has_more, total: items.length }),
        );
      },
    });
    return { client, asked };
  }

  test("reads page after page, each from where the last one ended, and tells nothing twice", async () => {
    const { client, asked } = openList();
    const ids: string[] = [];
    for await (const event of client.eachEvent({ search: "x", limit: 2 })) ids.push(event.id);
    expect(ids).toEqual(["e", "d", "c", "b", "a"]);
    expect(asked).toEqual([
      "?search=x&limit=2",
      "?search=x&limit=2&starting_after=d",
      "?search=x&limit=2&starting_after=b",
    ]);
  });

  test("reads no more than is wanted", async () => {
    const { client, asked } = openList();
    for await (const order of client.eachOrder()) {
      expect(order.id).toBe("e");
      break;
    }
    expect(asked).toHaveLength(1);
  });

  test("ends at an empty list", async () => {
    const list = { object: "list", url: "/", data: [], has_more: false, total: 0 };
    const fetch = async () => new Response(JSON.stringify(list));
    const client = createClient({ baseUrl: "http://service", fetch });
    const found = [];
    for await (const each of client.eachReservation(id)) found.push(each);
    for await (const each of client.eachApiKey()) found.push(each);
    expect(found).toEqual([]);
  });
});
