import { examples } from "./give-examples.ts";
import type { OperationText } from "./operation-text.ts";

const how = `**What is sent.** A POST with the JSON \`{"type", "timestamp", "data"}\`: what happened, when, and the reservation, order or event as it was then, with the members that the API gives it. The types are \`reservation.held\`, \`reservation.confirmed\`, \`reservation.expired\`, \`reservation.cancelled\`, \`order.paid\`, \`order.refunded\`, \`event.sold_out\` (every ticket is sold, none is held) and \`event.restocked\`. Tickets that a late payment bought are confirmed without having been held anew.

**How to verify it.** Messages follow [Standard Webhooks](https://www.standardwebhooks.com): take the raw body, join \`webhook-id\`, \`webhook-timestamp\` and the body with dots, make an HMAC-SHA256 of that with the secret (without \`whsec_\`, decoded from Base64), and compare its Base64 with one of the signatures behind \`v1,\` in \`webhook-signature\`. Refuse a timestamp that is more than five minutes off. There are libraries that do so in every usual language.

**How to answer.** With any status 2xx within 15 seconds. A message may arrive more than once, always with the same \`webhook-id\`: note it, and do its work once. Anything else is tried again, up to ten times over about 75 hours, later if \`Retry-After\` says so; 410 disables the endpoint. Redirects are not followed.

**In what order.** Messages about the same reservation, order or event come in the order in which things happened: a later one waits until the earlier one was taken or given up. Others may overtake.`;

/** What the reference says about webhooks. */
export const webhookOperationTexts = {
  create_webhook_endpoint: {
    tag: "Webhooks",
    description: `Has the service tell a server of yours what happens from now on. There can be 20 endpoints.\n\n${how}`,
    success: "The endpoint, with its secret, shown this once.",
    body: { url: examples.webhookEndpoint.url, event_types: examples.webhookEndpoint.event_types },
    reply: examples.webhookEndpointWithSecret,
  },
  list_webhook_endpoints: {
    tag: "Webhooks",
    description: "Pages through the endpoints, without their secrets. A disabled one tells why it is.",
    success: "One page of endpoints.",
    reply: examples.webhookEndpointList,
  },
  delete_webhook_endpoint: {
    tag: "Webhooks",
    description: "Ends an endpoint. What was still to be sent to it is not sent any more.",
    success: "The endpoint is gone.",
  },
  rotate_webhook_secret: {
    tag: "Webhooks",
    description:
      "Makes a new secret. For 24 hours each message is signed with both, so that the receiver can be given the new one " +
      "at leisure. Rotating again within that time ends the older one at once.",
    success: "The endpoint, with its new secret, shown this once.",
    reply: examples.webhookEndpointWithSecret,
  },
  enable_webhook_endpoint: {
    tag: "Webhooks",
    description:
      "Has messages sent to an endpoint that was disabled by answering 410. What happened meanwhile is not made up for.",
    success: "The endpoint is enabled.",
    reply: examples.webhookEndpoint,
  },
  list_webhook_deliveries: {
    tag: "Webhooks",
    description:
      "Pages through what was sent to an endpoint and what is still to be sent, in one state if asked. " +
      "Messages are kept for 7 days.",
    success: "One page of deliveries.",
    reply: examples.webhookDeliveryList,
  },
  resend_webhook_message: {
    tag: "Webhooks",
    description:
      "Sends a message once more, with the same id and body. One that is still to be sent is sent at once; for one that " +
      "has ended there is a new delivery, with ten tries of its own.",
    success: "The message will be sent.",
    reply: examples.webhookDelivery,
  },
} as const satisfies Readonly<Record<string, OperationText>>;
