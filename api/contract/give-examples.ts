const event = {
  id: "019b7a5e-2c00-7d3a-9f5e-64c1b2a30d11",
  name: "Rooftop concert",
  capacity: 500,
  available: 37,
  held: 12,
  sold: 451,
  version: 914,
  status: "on_sale",
  price_cents: 4500,
  currency: "USD",
  hold_seconds: 600,
  max_quantity: 4,
  max_extensions: 1,
  sales_start_at: null,
  sales_end_at: null,
  requires_verified_phone: false,
  restock: null,
  created_at: "2030-04-12T09:30:00.000Z",
};

const reservation = {
  id: "019bc3d1-7f40-7a91-b2c4-0d5e00000007",
  event_id: event.id,
  user_id: "customer-1842",
  quantity: 2,
  status: "held",
  expires_at: "2030-05-01T18:10:02.417Z",
  created_at: "2030-05-01T18:00:02.417Z",
  confirmed_at: null,
  released_at: null,
  cause: null,
  cart_id: null,
};

const confirmed = { ...reservation, status: "confirmed", confirmed_at: "2030-05-01T18:04:40.120Z" };

const cartItem = {
  event_id: event.id,
  name: event.name,
  quantity: 2,
  price_cents: 4500,
  currency: "USD",
  status: "held",
  reservation_id: reservation.id,
};

const matinee = {
  event_id: "019b7a61-4d10-7c55-8e21-9f04d3b6a8c2",
  name: "Sunday matinee",
  quantity: 1,
  price_cents: 2800,
  currency: "USD",
  status: "held",
  reservation_id: "019bc3d1-9a52-7b03-a6f0-44c21e00000b",
};

const cart = {
  id: "3f1c9f0e-6f0b-4c3e-9f57-1f6f0e0a7d52",
  user_id: reservation.user_id,
  status: "open",
  expires_at: reservation.expires_at,
  items: [cartItem, matinee],
  total_cents: 11_800,
  currency: "USD",
  extensions_left: 1,
  order_id: null,
  created_at: reservation.created_at,
};

const order = {
  id: "019bc3d4-2b60-7f1d-8c33-5e90a7d1c604",
  cart_id: cart.id,
  user_id: cart.user_id,
  email: "ada@example.org",
  status: "paid",
  total_cents: cart.total_cents,
  currency: cart.currency,
  items: cart.items.map(({ event_id, reservation_id, name, quantity, price_cents }) => {
    return { event_id, reservation_id, name, quantity, price_cents };
  }),
  payment: { provider: "demo", status: "succeeded", decline_reason: null },
  created_at: "2030-05-01T18:04:39.870Z",
  paid_at: "2030-05-01T18:04:40.120Z",
  refunded_at: null,
};

const restockOrder = {
  id: "019bc3d2-0c10-7f64-8b3e-91d200000007",
  event_id: event.id,
  quantity: 200,
  supplier_url: "https://supplier.example/orders",
  status: "delivered",
  attempts: 1,
  last_error: null,
  supplier_reference: "PO-20481",
  created_at: "2030-05-01T18:00:03.001Z",
  placed_at: "2030-05-01T18:00:03.684Z",
  delivered_at: "2030-05-01T18:02:00.350Z",
  closed_at: null,
};

const apiKey = {
  id: "019b7a60-91c8-7e02-8a4b-7be4f0c6a215",
  name: "Shop backend",
  role: "service",
  created_at: "2030-04-12T09:31:00.000Z",
};

const webhookEndpoint = {
  id: "019b7a66-0c31-7b44-9d10-2f8a6b5e7c90",
  url: "https://shop.example.org/hooks/holdfast",
  event_types: ["reservation.confirmed", "order.paid", "event.sold_out"],
  status: "enabled",
  disabled_reason: null,
  created_at: "2030-04-12T09:37:00.000Z",
};

const webhookMessage = {
  type: "reservation.confirmed",
  timestamp: confirmed.confirmed_at,
  data: confirmed,
};

const webhookDelivery = {
  id: "48213",
  message_id: "019bc3d4-2c58-7a0e-b1f7-90c4d2e8a635",
  type: webhookMessage.type,
  subject_id: confirmed.id,
  status: "pending",
  attempts: 1,
  next_try_at: "2030-05-01T18:04:45.391Z",
  last_status: 503,
  last_error: "The receiver answered 503.",
  created_at: confirmed.confirmed_at,
  ended_at: null,
  payload: JSON.stringify(webhookMessage),
};

/** What successful calls answer, one example of each kind. Each is valid by its schema. */
export const examples = {
  event,
  paused: { ...event, status: "paused", version: event.version + 1 },
  enlarged: { ...event, capacity: 600, available: 137, version: event.version + 1 },
  created: { ...event, available: 500, held: 0, sold: 0, version: 1 },
  eventList: listOf("/v1/events", event),
  reservation,
  confirmed,
  extended: { ...reservation, expires_at: "2030-05-01T18:20:02.417Z" },
  cancelled: {
    ...reservation,
    status: "cancelled",
    released_at: "2030-05-01T18:03:11.009Z",
    cause: "cancelled_by_buyer",
  },
  reservationWithHistory: {
    ...confirmed,
    history: [
      { status: "held", at: confirmed.created_at, cause: "requested" },
      { status: "confirmed", at: confirmed.confirmed_at, cause: "confirmed" },
    ],
  },
  reservationList: listOf(`/v1/events/${event.id}/reservations`, confirmed),
  cart,
  cartWithoutItem: { ...cart, items: [cartItem], total_cents: 9000 },
  extendedCart: { ...cart, expires_at: "2030-05-01T18:20:02.417Z", extensions_left: 0 },
  checkOut: { email: order.email, payment: { provider: "demo", token: "tok_ok" } },
  order,
  refundedOrder: { ...order, status: "refunded", payment: { ...order.payment, status: "refunding" } },
  orderList: listOf("/v1/orders", order),
  restockOrder,
  restockOrderList: listOf(`/v1/events/${event.id}/restock-orders`, restockOrder),
  stockMessage: {
    event_id: event.id,
    capacity: event.capacity,
    available: event.available,
    held: event.held,
    sold: event.sold,
    version: event.version,
    status: event.status,
    next_expiry_at: null,
    at: "2030-05-01T18:03:11.009Z",
  },
  buyerToken: {
    buyer_token: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjdXN0b21lci0xODQyIn0.c2lnbmF0dXJl",
    user_id: reservation.user_id,
    expires_at: "2030-05-01T19:00:00.000Z",
  },
  createdApiKey: { ...apiKey, key: "hf_service_5vJ0cVdXq3mWw9kTn1yB7uEoRzLs2aHf" },
  apiKeyList: listOf("/v1/api-keys", apiKey),
  webhookEndpoint,
  webhookEndpointWithSecret: { ...webhookEndpoint, secret: "whsec_Q5m0vT2kRz8nWc1yJ4pXbA7hLf3dGsUe" },
  webhookEndpointList: listOf("/v1/webhook-endpoints", webhookEndpoint),
  webhookMessage,
  webhookDelivery,
  webhookDeliveryList: listOf(`/v1/webhook-endpoints/${webhookEndpoint.id}/deliveries`, webhookDelivery),
} as const;

function listOf<Item>(url: string, item: Item) {
  return { object: "list", url, data: [item], has_more: false, total: 1 };
}
