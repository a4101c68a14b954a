import { z } from "zod";
import { eventReply } from "./events.ts";
import { orderReply } from "./orders.ts";
import { reservationReply } from "./reservations.ts";
import { instant, uuid } from "./values.ts";

/** Everything that a shop's own systems can be told. */
export const webhookEventTypes = [
  "reservation.held",
  "reservation.confirmed",
  "reservation.expired",
  "reservation.cancelled",
  "order.paid",
  "order.refunded",
  "event.sold_out",
  "event.restocked",
] as const;

const webhookEventType = z.enum(webhookEventTypes);

const endpointUrl = z
  .string()
  .max(2000, "must have at most 2000 characters")
  .refine(isPlainUrl, { message: "must be an http or https URL without a user name or password" })
  .meta({
    format: "uri",
    description: "Where messages are sent. It must not lead to a private or local network.",
  });

function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return url.username === "" && url.password === "" && /^[\x21-\x7e]+$/.test(text);
}

export const createWebhookEndpointBody = z.strictObject({
  url: endpointUrl,
  event_types: z
    .array(webhookEventType)
    .min(1, "must name at least one type")
    .max(20, "must name at most 20 types")
    .refine((types) => new Set(types).size === types.length, { message: "must name each type once" })
    .meta({ uniqueItems: true, description: "What the endpoint is told of." }),
});

export const webhookEndpointReply = z.strictObject({
  id: uuid,
  url: z.string(),
  event_types: z.array(webhookEventType),
  status: z
    .enum(["enabled", "disabled"])
    .describe("A disabled endpoint is sent nothing, and nothing is kept for it."),
  disabled_reason: z.string().nullable(),
  created_at: instant,
});

/** What making an endpoint and giving it a new secret answer, and nothing else. */
export const webhookEndpointWithSecretReply = webhookEndpointReply.extend({
  secret: z.string().describe("What messages are signed with, `whsec_...`, shown this once."),
});

const deliveryStatus = z.enum(["pending", "delivered", "failed"]);

export const webhookDeliveryReply = z.strictObject({
  id: z.string().describe("A number that rises with time."),
  message_id: uuid,
  type: webhookEventType,
  subject_id: uuid.describe("The reservation, order or event that the message is about."),
  status: deliveryStatus,
  attempts: z.int().min(0).describe("How often it was tried."),
  next_try_at: instant.nullable().describe("Null once it has ended."),
  last_status: z.int().nullable().describe("The HTTP status of the last try; null when it had no answer."),
  last_error: z.string().nullable(),
  created_at: instant,
  ended_at: instant.nullable(),
  payload: z.string().describe("The body, to the byte."),
});

const deliveryId = z.string().regex(/^[1-9]\d{0,15}$/, "must be the id of a delivery");

export const webhookDeliveryListQuery = z
  .strictObject({
    limit: z.coerce
      .string()
      .refine((text) => /^(?:[1-9]\d?|100)$/.test(text), "must be a whole number from 1 to 100")
      .transform(Number)
      .default(20)
      .meta({
        type: "integer",
        minimum: 1,
        maximum: 100,
        default: 20,
        description: "How many items at most.",
      }),
    starting_after: deliveryId.optional().describe("The page after the delivery with this id."),
    ending_before: deliveryId
      .optional()
      .describe("The page that ends just before the delivery with this id."),
    status: deliveryStatus.optional(),
  })
  .refine((query) => query.starting_after === undefined || query.ending_before === undefined, {
    message: "cannot be combined with starting_after",
    path: ["ending_before"],
  });

const of = <Type extends string, Data extends z.ZodType>(types: readonly [Type, ...Type[]], data: Data) =>
  z.strictObject({ type: z.enum(types), timestamp: instant.describe("When it happened."), data });

/** The body of a message. Its data is what the API answers about the same thing at that moment. */
export const webhookMessage = z.discriminatedUnion("type", [
  of(
    ["reservation.held", "reservation.confirmed", "reservation.expired", "reservation.cancelled"],
    reservationReply,
  ),
  of(["order.paid", "order.refunded"], orderReply),
  of(["event.sold_out", "event.restocked"], eventReply),
]);
