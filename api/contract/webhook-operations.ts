import { noBody } from "./events.ts";
import { listReply, pageQuery } from "./lists.ts";
import type { Operation } from "./operation.ts";
import {
  createWebhookEndpointBody,
  webhookDeliveryListQuery,
  webhookDeliveryReply,
  webhookEndpointReply,
  webhookEndpointWithSecretReply,
} from "./webhook-endpoints.ts";

/** The calls about who is told what happens. */
export const webhookOperations = {
  create_webhook_endpoint: {
    method: "post",
    path: "/v1/webhook-endpoints",
    summary: "Have messages sent to a URL of yours",
    access: ["admin"],
    body: createWebhookEndpointBody,
    reply: { status: 201, schema: webhookEndpointWithSecretReply },
    problems: ["webhook_endpoints_full"],
  },
  list_webhook_endpoints: {
    method: "get",
    path: "/v1/webhook-endpoints",
    summary: "List webhook endpoints, newest first",
    access: ["admin"],
    query: pageQuery,
    reply: { status: 200, schema: listReply(webhookEndpointReply) },
    problems: [],
  },
  delete_webhook_endpoint: {
    method: "delete",
    path: "/v1/webhook-endpoints/{webhook_endpoint_id}",
    summary: "Delete a webhook endpoint",
    access: ["admin"],
    missing: "webhook_endpoint_not_found",
    reply: { status: 204, schema: null },
    problems: ["webhook_endpoint_not_found"],
  },
  rotate_webhook_secret: {
    method: "post",
    path: "/v1/webhook-endpoints/{webhook_endpoint_id}/rotate-secret",
    summary: "Give a webhook endpoint a new secret",
    access: ["admin"],
    missing: "webhook_endpoint_not_found",
    body: noBody,
    reply: { status: 200, schema: webhookEndpointWithSecretReply },
    problems: ["webhook_endpoint_not_found"],
  },
  enable_webhook_endpoint: {
    method: "post",
    path: "/v1/webhook-endpoints/{webhook_endpoint_id}/enable",
    summary: "Send messages to a disabled endpoint again",
    access: ["admin"],
    missing: "webhook_endpoint_not_found",
    body: noBody,
    reply: { status: 200, schema: webhookEndpointReply },
    problems: ["webhook_endpoint_not_found"],
  },
  list_webhook_deliveries: {
    method: "get",
    path: "/v1/webhook-endpoints/{webhook_endpoint_id}/deliveries",
    summary: "List what was sent to an endpoint, newest first",
    access: ["admin"],
    missing: "webhook_endpoint_not_found",
    query: webhookDeliveryListQuery,
    reply: { status: 200, schema: listReply(webhookDeliveryReply) },
    problems: ["webhook_endpoint_not_found"],
  },
  resend_webhook_message: {
    method: "post",
    path: "/v1/webhook-endpoints/{webhook_endpoint_id}/messages/{message_id}/resend",
    summary: "Send a message to an endpoint again",
    access: ["admin"],
    missing: "webhook_message_not_found",
    body: noBody,
    reply: { status: 202, schema: webhookDeliveryReply },
    problems: ["webhook_endpoint_not_found", "webhook_message_not_found", "webhook_endpoint_disabled"],
  },
} as const satisfies Record<string, Operation>;
