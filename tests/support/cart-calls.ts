import { randomUUID } from "node:crypto";
import type { CartReply } from "../../api/contract/carts.ts";
import type { OrderReply } from "../../api/contract/orders.ts";
import type { Answer } from "./answer.ts";
import type { Sent } from "./http-client.ts";
import type { TestService } from "./open-test-service.ts";

export interface CheckoutTerms extends Sent {
  /** Of the demo provider. */
  readonly token?: string;
  readonly email?: string;
}

type PutTerms = Sent & { readonly userId?: string; readonly quantity?: number };

/** Calls about carts and orders as the shop makes them, for the user `ada` unless told otherwise. */
export function cartCalls({ send, keys }: Pick<TestService, "send" | "keys">) {
  const as = keys.service;
  const put = (cartId: string, eventId: string, { userId = "ada", quantity, ...sent }: PutTerms = {}) =>
    send("put", `/v1/carts/${cartId}/items/${eventId}`, {
      as,
      body: { user_id: userId, ...(quantity !== undefined && { quantity }) },
      ...sent,
    });
  const checkOut = (
    cartId: string,
    { token = "tok_ok", email = "ada@example.org", ...sent }: CheckoutTerms = {},
  ) =>
    send("post", `/v1/carts/${cartId}/checkout`, {
      as,
      body: { email, payment: { provider: "demo", token } },
      ...sent,
    });
  return {
    put,
    checkOut,
    remove: (cartId: string, eventId: string, sent: Sent = {}) =>
      send("delete", `/v1/carts/${cartId}/items/${eventId}`, { as, ...sent }),
    find: (cartId: string, sent: Sent = {}) => send("get", `/v1/carts/${cartId}`, { as, ...sent }),
    extend: (cartId: string, sent: Sent = {}) => send("post", `/v1/carts/${cartId}/extend`, { as, ...sent }),
    findOrder: (orderId: string, sent: Sent = {}) => send("get", `/v1/orders/${orderId}`, { as, ...sent }),
    refund: (orderId: string, sent: Sent = {}) =>
      send("post", `/v1/orders/${orderId}/refund`, { as, ...sent }),
    /** Puts one ticket of each event in a new cart, and fails unless it gets them. */
    open: async (eventIds: readonly string[], terms: PutTerms = {}): Promise<CartReply> => {
      const cartId = randomUUID();
      let cart: Answer | null = null;
      for (const eventId of eventIds) cart = requireStatus(await put(cartId, eventId, terms), 200);
      if (cart === null) throw new Error("A cart needs at least one event.");
      return cart.body as unknown as CartReply;
    },
    /** Checks a cart out, and fails unless that is answered with an order. */
    buy: async (cartId: string, terms: CheckoutTerms = {}): Promise<OrderReply> =>
      requireStatus(await checkOut(cartId, terms), 201).body as unknown as OrderReply,
  };
}

function requireStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`Wanted ${status}, got ${answer.status} ${answer.text}`);
  return answer;
}
