import { zodToOpenAPIRegistry } from "@asteasolutions/zod-to-openapi";
import type { z } from "zod";
import {
  apiKeyReply,
  buyerTokenReply,
  createApiKeyBody,
  createBuyerTokenBody,
  createdApiKeyReply,
} from "./access.ts";
import { cartItem, cartReply, putCartItemBody } from "./carts.ts";
import {
  createCustomerBody,
  customerWithVerificationReply,
  verificationReply,
  verificationState,
  verifyCustomerBody,
  verifyCustomerReply,
} from "./customers.ts";
import { changeEventBody, createEventBody, eventReply, pauseEventBody, restock } from "./events.ts";
import { operations } from "./operations.ts";
import { checkOutBody, orderItem, orderReply } from "./orders.ts";
import {
  historyStep,
  holdTicketsBody,
  reservationReply,
  reservationWithHistoryReply,
} from "./reservations.ts";
import { reportDeliveryBody, restockOrderReply } from "./restock-orders.ts";
import { stockMessage } from "./stock-stream.ts";
import {
  createWebhookEndpointBody,
  webhookDeliveryReply,
  webhookEndpointReply,
  webhookEndpointWithSecretReply,
  webhookMessage,
} from "./webhook-endpoints.ts";

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
  [cartReply, "Cart"],
  [cartItem, "CartItem"],
  [putCartItemBody, "PutCartItem"],
  [orderReply, "Order"],
  [orderItem, "OrderItem"],
  [operations.list_orders.reply.schema, "OrderList"],
  [checkOutBody, "CheckOutCart"],
  [restockOrderReply, "RestockOrder"],
  [operations.list_restock_orders.reply.schema, "RestockOrderList"],
  [reportDeliveryBody, "ReportDelivery"],
  [createCustomerBody, "CreateCustomer"],
  [customerWithVerificationReply, "CustomerWithVerification"],
  [verificationState, "VerificationState"],
  [verificationReply, "Verification"],
  [verifyCustomerBody, "VerifyCustomer"],
  [verifyCustomerReply, "VerifyCustomerResult"],
  [stockMessage, "StockMessage"],
  [apiKeyReply, "ApiKey"],
  [operations.list_api_keys.reply.schema, "ApiKeyList"],
  [createApiKeyBody, "CreateApiKey"],
  [createdApiKeyReply, "CreatedApiKey"],
  [buyerTokenReply, "BuyerToken"],
  [createBuyerTokenBody, "CreateBuyerToken"],
  [webhookEndpointReply, "WebhookEndpoint"],
  [webhookEndpointWithSecretReply, "WebhookEndpointWithSecret"],
  [operations.list_webhook_endpoints.reply.schema, "WebhookEndpointList"],
  [createWebhookEndpointBody, "CreateWebhookEndpoint"],
  [webhookDeliveryReply, "WebhookDelivery"],
  [operations.list_webhook_deliveries.reply.schema, "WebhookDeliveryList"],
  [webhookMessage, "WebhookMessage"],
]);

/** Makes the generator refer to a schema by name wherever it stands. Doing so again changes nothing. */
export function nameSchema(schema: z.ZodType, name: string): void {
  zodToOpenAPIRegistry.add(schema, { _internal: { refId: name } });
}
