import type { RouteConfig } from "@asteasolutions/zod-to-openapi";
import { z } from "zod";
import { examples } from "./give-examples.ts";
import { webhookMessage } from "./webhook-endpoints.ts";

const headers = z.object({
  "webhook-id": z.uuid().meta({ description: "The message's id, the same at every try." }),
  "webhook-timestamp": z.string().meta({ description: "When this try was made, in seconds since 1970." }),
  "webhook-signature": z.string().meta({
    description: "`v1,` and the signature; two of them, parted by a space, while two secrets are valid.",
  }),
});

/** What is sent to webhook endpoints, as the API's description has it. */
export function describeMessage(): RouteConfig & { path: string } {
  return {
    method: "post",
    path: "message",
    operationId: "take_message",
    summary: "Take a message about what happened",
    description:
      "What the service sends to each webhook endpoint, and how it wants to be answered. See `create_webhook_endpoint`.",
    tags: ["Webhooks"],
    request: {
      headers,
      body: {
        required: true,
        content: { "application/json": { schema: webhookMessage, example: examples.webhookMessage } },
      },
    },
    responses: {
      "2XX": { description: "The message was taken." },
      "410": { description: "Nothing more is wanted: the endpoint is disabled." },
      default: { description: "It is sent again later, up to ten times in all." },
    },
  };
}
