import { randomUUID } from "node:crypto";
import type { PlainOperationName } from "../../api/contract/operations.ts";
import type { Answer } from "../support/answer.ts";
import { customerCalls, freshPhone, idOf } from "../support/customer-calls.ts";
import { age } from "../support/move-verifications.ts";
import type { TestService } from "../support/open-test-service.ts";
import { awaitCode } from "../support/read-outbox.ts";

/** Makes each call of the contract once, as it is meant. @returns the answers by the names of the calls */
export async function callEverything(service: TestService): Promise<Map<PlainOperationName, Answer>> {
  const replies = new Map<PlainOperationName, Answer>();
  const keep = async (name: PlainOperationName, asking: Promise<Answer>): Promise<Answer> => {
    const answer = await asking;
    replies.set(name, answer);
    return answer;
  };
  await callForEvents(service, keep);
  await callForReservations(service, keep);
  await callForOrders(service, keep);
  await callForCustomers(service, keep);
  await callForRestock(service, keep);
  await callForAccess(service, keep);
  await callForWebhooks(service, keep);
  return replies;
}

type Keep = (name: PlainOperationName, asking: Promise<Answer>) => Promise<Answer>;

const idOfBody = ({ body }: Answer) => String(body["id"]);

async function callForEvents({ send, keys }: TestService, keep: Keep): Promise<void> {
  const as = keys.admin;
  const body = { name: "Concert", capacity: 3 };
  const id = idOfBody(await keep("create_event", send("post", "/v1/events", { as, body })));
  await keep("find_event", send("get", `/v1/events/${id}`));
  await keep("list_events", send("get", "/v1/events?limit=2"));
  await keep("change_event", send("patch", `/v1/events/${id}`, { as, body: { capacity: 4 } }));
  const reason = { reason: "Rain." };
  await keep("pause_event", send("post", `/v1/events/${id}/pause`, { as, body: reason }));
  await keep("resume_event", send("post", `/v1/events/${id}/resume`, { as, body: {} }));
}

async function callForReservations(service: TestService, keep: Keep): Promise<void> {
  const { send, keys, change } = service;
  const { id: eventId } = await service.createEvent();
  const id = idOfBody(await keep("hold_tickets", service.askForHold(eventId, "ada")));
  await keep("extend_reservation", change(id, "extend"));
  await keep("confirm_reservation", change(id, "confirm"));
  await keep("find_reservation", send("get", `/v1/reservations/${id}`, { as: keys.observer }));
  await keep("list_reservations", send("get", `/v1/events/${eventId}/reservations`, { as: keys.observer }));
  await keep("cancel_reservation", change(id, "cancel"));
}

async function callForOrders(service: TestService, keep: Keep): Promise<void> {
  const { send, keys } = service;
  const as = keys.service;
  const [one, two] = [
    await service.createEvent({ price_cents: 100 }),
    await service.createEvent({ price_cents: 200 }),
  ];
  const cart = `/v1/carts/${randomUUID()}`;
  const item = { as, body: { user_id: "ada" } };
  await send("put", `${cart}/items/${two.id}`, item);
  await keep("put_cart_item", send("put", `${cart}/items/${one.id}`, item));
  await keep("remove_cart_item", send("delete", `${cart}/items/${two.id}`, { as }));
  await keep("find_cart", send("get", cart, { as }));
  await keep("extend_cart", send("post", `${cart}/extend`, { as, body: {} }));
  const body = { email: "ada@example.org", payment: { provider: "demo", token: "tok_ok" } };
  const order = await keep("check_out_cart", send("post", `${cart}/checkout`, { as, body }));
  await keep("find_order", send("get", `/v1/orders/${idOfBody(order)}`, { as }));
  await keep("list_orders", send("get", "/v1/orders?limit=2", { as }));
  await keep("refund_order", send("post", `/v1/orders/${idOfBody(order)}/refund`, { as, body: {} }));
}

async function callForCustomers(service: TestService, keep: Keep): Promise<void> {
  const calls = customerCalls(service);
  const phone = freshPhone();
  const id = idOf(await keep("create_customer", calls.signUp(phone)));
  await awaitCode(service.dataDir, phone);
  await age(service.database, phone, 31);
  await keep("resend_code", calls.resend(id));
  await keep("verify_customer", calls.verify(id, await awaitCode(service.dataDir, phone, 2)));
  await keep("find_customer", calls.find(id));
}

async function callForRestock(service: TestService, keep: Keep): Promise<void> {
  const { send, keys } = service;
  // The order is waited for nowhere: it stands in the transaction that made the event.
  const restock = { threshold: 1, quantity: 5, supplier_url: "http://127.0.0.1:1/" };
  const { id } = await service.createEvent({ capacity: 0, restock });
  const list = await keep(
    "list_restock_orders",
    send("get", `/v1/events/${id}/restock-orders`, { as: keys.observer }),
  );
  const [order] = list.body["data"] as { readonly id: string }[];
  const body = { restock_order_id: order?.id, quantity: 5 };
  await keep("report_delivery", send("post", "/v1/supplier-deliveries", { as: keys.service, body }));
}

async function callForAccess({ send, keys }: TestService, keep: Keep): Promise<void> {
  const as = keys.admin;
  await keep("create_buyer_token", send("post", "/v1/buyer-tokens", { as, body: { user_id: "ada" } }));
  const body = { name: "shop", role: "service" };
  const made = await keep("create_api_key", send("post", "/v1/api-keys", { as, body }));
  await keep("list_api_keys", send("get", "/v1/api-keys", { as }));
  await keep("revoke_api_key", send("delete", `/v1/api-keys/${idOfBody(made)}`, { as }));
}

async function callForWebhooks(service: TestService, keep: Keep): Promise<void> {
  const { send, keys } = service;
  const as = keys.admin;
  // Nobody listens there, so that its messages can be sent again.
  const body = { url: "http://127.0.0.1:1/", event_types: ["reservation.held"] };
  const made = await keep("create_webhook_endpoint", send("post", "/v1/webhook-endpoints", { as, body }));
  const path = `/v1/webhook-endpoints/${idOfBody(made)}`;
  const event = await service.createEvent();
  await service.hold(event.id, "ada");
  await keep("list_webhook_endpoints", send("get", "/v1/webhook-endpoints", { as }));
  const log = await keep("list_webhook_deliveries", send("get", `${path}/deliveries`, { as }));
  const [delivery] = log.body["data"] as { readonly message_id: string }[];
  await keep(
    "resend_webhook_message",
    send("post", `${path}/messages/${delivery?.message_id}/resend`, { as }),
  );
  await keep("rotate_webhook_secret", send("post", `${path}/rotate-secret`, { as }));
  await keep("enable_webhook_endpoint", send("post", `${path}/enable`, { as }));
  await keep("delete_webhook_endpoint", send("delete", path, { as }));
}
