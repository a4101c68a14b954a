import { at, type Everything, type Send } from "./make-call.ts";
import type { BodyOf, QueryOf } from "./operation-types.ts";
import { pageThrough } from "./page-through.ts";
import type { CallOptions, PostOptions } from "./send-request.ts";

/** Calls about who is told what happens. */
export function webhookCalls(send: Send) {
  const listWebhookEndpoints = (query: QueryOf<"list_webhook_endpoints"> = {}, call?: CallOptions) =>
    send<"list_webhook_endpoints">({ method: "GET", path: "/v1/webhook-endpoints", query }, call);
  const listWebhookDeliveries = (
    endpointId: string,
    query: QueryOf<"list_webhook_deliveries"> = {},
    call?: CallOptions,
  ) =>
    send<"list_webhook_deliveries">(
      { method: "GET", path: at`/v1/webhook-endpoints/${endpointId}/deliveries`, query },
      call,
    );
  return {
    /** Has messages sent to a URL. Only this answer and that of a rotation have the secret. */
    createWebhookEndpoint: (body: BodyOf<"create_webhook_endpoint">, call?: PostOptions) =>
      send<"create_webhook_endpoint">({ method: "POST", path: "/v1/webhook-endpoints", body }, call),
    listWebhookEndpoints,
    deleteWebhookEndpoint: async (endpointId: string, call?: CallOptions): Promise<void> => {
      const path = at`/v1/webhook-endpoints/${endpointId}`;
      const doneCode = "webhook_endpoint_not_found";
      await send<"delete_webhook_endpoint">({ method: "DELETE", path, doneCode }, call);
    },
    /** Gives an endpoint a new secret; the old one signs along for 24 hours. */
    rotateWebhookSecret: (endpointId: string, call?: PostOptions) =>
      send<"rotate_webhook_secret">(
        { method: "POST", path: at`/v1/webhook-endpoints/${endpointId}/rotate-secret`, body: {} },
        call,
      ),
    enableWebhookEndpoint: (endpointId: string, call?: PostOptions) =>
      send<"enable_webhook_endpoint">(
        { method: "POST", path: at`/v1/webhook-endpoints/${endpointId}/enable`, body: {} },
        call,
      ),
    /** A page of what was sent to an endpoint and is to be sent, newest first. */
    listWebhookDeliveries,
    /** All deliveries to an endpoint, newest first. */
    eachWebhookDelivery: (
      endpointId: string,
      query: Everything<"list_webhook_deliveries"> = {},
      call?: CallOptions,
    ) =>
      pageThrough((starting_after) => listWebhookDeliveries(endpointId, { ...query, starting_after }, call)),
    resendWebhookMessage: (endpointId: string, messageId: string, call?: PostOptions) =>
      send<"resend_webhook_message">(
        {
          method: "POST",
          path: at`/v1/webhook-endpoints/${endpointId}/messages/${messageId}/resend`,
          body: {},
        },
        call,
      ),
  };
}
