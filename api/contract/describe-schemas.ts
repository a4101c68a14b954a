import { zodToOpenAPIRegistry } from "@asteasolutions/zod-to-openapi";
import type { z } from "zod";
import {
  apiKeyReply,
  buyerTokenReply,
  createApiKeyBody,
  createBuyerTokenBody,
  createdApiKeyReply,
} from "./access.ts";
import { changeEventBody, createEventBody, eventReply, pauseEventBody, restock } from "./events.ts";
import { operations } from "./operations.ts";
import {
  historyStep,
  holdTicketsBody,
  reservationReply,
  reservationWithHistoryReply,
} from "./reservations.ts";

/** The names under which clients and generators of clients find the schemas. */
export const schemaNames: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [eventReply, "Event"],
  [operations.list_events.reply.schema, "EventList"],
  [createEventBody, "CreateEvent"],
  [changeEventBody, "ChangeEvent"],
  [pauseEventBody, "PauseEvent"],
  [restock, "Restock"],
  [reservationReply, "Reservation"],
  [reservationWithHistoryReply, "ReservationWithHistory"],
  [operations.list_reservations.reply.schema, "ReservationList"],
  [historyStep, "HistoryStep"],
  [holdTicketsBody, "HoldTickets"],
  [apiKeyReply, "ApiKey"],
  [operations.list_api_keys.reply.schema, "ApiKeyList"],
  [createApiKeyBody, "CreateApiKey"],
  [createdApiKeyReply, "CreatedApiKey"],
  [buyerTokenReply, "BuyerToken"],
  [createBuyerTokenBody, "CreateBuyerToken"],
]);

/** Makes the generator refer to a schema by name wherever it stands. Doing so again changes nothing. */
export function nameSchema(schema: z.ZodType, name: string): void {
  zodToOpenAPIRegistry.add(schema, { _internal: { refId: name } });
}

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

const apiKey = {
  id: "019b7a60-91c8-7e02-8a4b-7be4f0c6a215",
  name: "Shop backend",
  role: "service",
  created_at: "2030-04-12T09:31:00.000Z",
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
  buyerToken: {
    buyer_token: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjdXN0b21lci0xODQyIn0.c2lnbmF0dXJl",
    user_id: reservation.user_id,
    expires_at: "2030-05-01T19:00:00.000Z",
  },
  createdApiKey: { ...apiKey, key: "hf_service_5vJ0cVdXq3mWw9kTn1yB7uEoRzLs2aHf" },
  apiKeyList: listOf("/v1/api-keys", apiKey),
} as const;

function listOf<Item>(url: string, item: Item) {
  return { object: "list", url, data: [item], has_more: false, total: 1 };
}
