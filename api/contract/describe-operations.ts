import { cartOperationTexts } from "./describe-cart-operations.ts";
import { customerOperationTexts } from "./describe-customer-operations.ts";
import { webhookOperationTexts } from "./describe-webhook-operations.ts";
import { examples } from "./give-examples.ts";
import { restockOperationTexts } from "./describe-restock-operations.ts";
import type { OperationText } from "./operation-text.ts";
import type { OperationName } from "./operations.ts";

export const tags = [
  {
    name: "Reservations",
    description: "A reservation begins as a hold with a deadline and ends confirmed, cancelled or expired.",
  },
  {
    name: "Carts and orders",
    description:
      "A cart holds tickets of several events under one deadline. Checking it out makes an order: every item is sold, or none is.",
  },
  {
    name: "Customers",
    description: "A customer verifies a phone with a code that is sent to it, and gets a token to buy with.",
  },
  {
    name: "Events",
    description: "An event is a number of equal tickets, and the terms on which they are sold.",
  },
  {
    name: "Live stock",
    description: "Streams that tell how many tickets are left, for as long as somebody listens.",
  },
  {
    name: "Webhooks",
    description: "Signed messages to servers of yours about what happens, sent until they are taken.",
  },
  { name: "Access", description: "Keys for the shop's servers, and short-lived tokens for its buyers." },
] as const satisfies readonly { readonly name: OperationText["tag"]; readonly description: string }[];

/** Every call needs its text: one that is added without it does not pass the type check. */
export const operationTexts: { readonly [Name in OperationName]: OperationText } = {
  hold_tickets: {
    tag: "Reservations",
    description:
      "Takes tickets off sale for one user until `expires_at`. The answer 201 is sent only after the hold is on disk. " +
      "Each user can have one held or confirmed reservation for an event. A refusal changes nothing. " +
      "A buyer token can ask for its own user only. A buyer whose holds on the event have expired again and again is told " +
      "by `rate_limited` when the next can be asked for; unless the shop has set it otherwise, three in an hour are too many.",
    success: "The tickets are held.",
    body: { user_id: examples.reservation.user_id, quantity: 2 },
    reply: examples.reservation,
  },
  confirm_reservation: {
    tag: "Reservations",
    description:
      "Makes the sale final. Confirming again gives the same answer. A hold whose deadline has passed cannot be " +
      "confirmed, to the millisecond. A buyer can confirm only where tickets are free of charge.",
    success: "The reservation is confirmed.",
    reply: examples.confirmed,
  },
  extend_reservation: {
    tag: "Reservations",
    description:
      "Moves the deadline by one more `hold_seconds` of the event, counted from the old deadline, up to `max_extensions` times.",
    success: "The hold has a later deadline.",
    reply: examples.extended,
  },
  cancel_reservation: {
    tag: "Reservations",
    description:
      "Returns the tickets to the free stock, once: cancelling what has ended already gives the reservation as it ended. " +
      "A confirmed reservation can be cancelled by the shop only.",
    success: "The reservation has ended and its tickets are free.",
    reply: examples.cancelled,
  },
  find_reservation: {
    tag: "Reservations",
    description:
      "Tells the state of a reservation and every step that led to it. A buyer sees only their own; another's is " +
      "answered as if it were missing.",
    success: "The reservation, with its history.",
    reply: examples.reservationWithHistory,
  },
  list_reservations: {
    tag: "Reservations",
    description: "Pages through an event's reservations, of one user or in one state if asked.",
    success: "One page of reservations.",
    reply: examples.reservationList,
  },
  ...cartOperationTexts,
  ...restockOperationTexts,
  ...customerOperationTexts,
  create_event: {
    tag: "Events",
    description: "Puts a number of tickets on sale. Everything but `name` and `capacity` has a default.",
    success: "The event exists, with its whole capacity free.",
    body: {
      name: examples.event.name,
      capacity: 500,
      price_cents: 4500,
      currency: "USD",
      max_quantity: 4,
    },
    reply: examples.created,
  },
  list_events: {
    tag: "Events",
    description:
      "Pages through all events, or those whose name has every word of `search`, the last letters of which may be left out. " +
      "`status` tells what a buyer may expect of each now.",
    success: "One page of events.",
    reply: examples.eventList,
  },
  find_event: {
    tag: "Events",
    description:
      "Tells an event's terms and its stock, where `available + held + sold = capacity` always holds.",
    success: "The event.",
    reply: examples.event,
  },
  change_event: {
    tag: "Events",
    description:
      "Changes what is sent and leaves the rest. Capacity cannot fall below what is held and sold. " +
      "Holds that exist keep their deadlines. Every change is recorded with the key that made it.",
    success: "The event as it is now.",
    body: { capacity: 600 },
    reply: examples.enlarged,
  },
  pause_event: {
    tag: "Events",
    description:
      "Refuses new reservations until sales are resumed. Holds that exist run on and can be confirmed. The reason is recorded and told to buyers.",
    success: "Sales are paused.",
    body: { reason: "The stage is being repaired. Back at 19:00." },
    reply: examples.paused,
  },
  resume_event: {
    tag: "Events",
    description: "Ends a pause. Without a pause, nothing happens.",
    success: "Sales are not paused.",
    reply: examples.event,
  },
  ...webhookOperationTexts,
  create_buyer_token: {
    tag: "Access",
    description:
      "Makes a token with which a buyer's own device can call, for one user and a short time. " +
      "In a demo, anyone gets one for a fresh guest by leaving out `user_id`.",
    success: "The token, valid until `expires_at`.",
    body: { user_id: examples.reservation.user_id },
    reply: examples.buyerToken,
  },
  create_api_key: {
    tag: "Access",
    description:
      "Makes a key for a server of yours. The key is in this answer and nowhere else: only a digest of it is kept.",
    success: "The key, shown this once.",
    body: { name: examples.createdApiKey.name, role: "service" },
    reply: examples.createdApiKey,
  },
  list_api_keys: {
    tag: "Access",
    description: "Pages through the keys that are in force, without the keys themselves.",
    success: "One page of keys.",
    reply: examples.apiKeyList,
  },
  revoke_api_key: {
    tag: "Access",
    description: "Ends a key. It opens nothing from one second later on, wherever the service runs.",
    success: "The key no longer opens anything.",
  },
};
