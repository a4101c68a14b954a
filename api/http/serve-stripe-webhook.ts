import type { Request, RequestHandler } from "express";
import { operations } from "../contract/operations.ts";
import { receiveStripeWebhook } from "../features/orders/receive-stripe-webhook.ts";
import { problemReply, RequestProblem } from "./problem-reply.ts";
import { readBody } from "./read-body.ts";
import { emptyReply, type Reply, sendReply } from "./reply.ts";
import { requireOwnPages } from "./require-own-pages.ts";
import { requestIdOf } from "./request-id.ts";
import { sendFailure } from "./serve-operation.ts";
import type { Services } from "./services.ts";
import { OperationTimer } from "./time-requests.ts";

/** Several times what Stripe sends. */
const bodyBytesMax = 64 * 1024;

const operation = operations.receive_stripe_webhook;

/**
 * Serves what Stripe tells about payments. The body is left as it came, since the signature is one of its bytes.
 * Whoever signs rightly is not counted against a limit: in a sale there are many messages, all from few addresses.
 */
export function serveStripeWebhook(services: Services): RequestHandler {
  const timer = new OperationTimer(services.recorder, operation);
  return async (request, response) => {
    const sinceMs = performance.now();
    const requestId = requestIdOf(request);
    try {
      requireOwnPages(request);
      sendReply(response, await receive(request, services, requestId), requestId);
    } catch (error) {
      sendFailure(error, response, requestId, services, operation.path);
    }
    timer.finish(response, sinceMs);
  };
}

async function receive(request: Request, services: Services, requestId: string): Promise<Reply> {
  // Without a secret nothing is served here, and nothing of what was sent is read.
  if (services.readStripeWebhook === null) throw new RequestProblem("not_found");
  const signature = request.headers["stripe-signature"];
  const body = await readBody(request, bodyBytesMax);
  const outcome = await receiveStripeWebhook(services, body, typeof signature === "string" ? signature : "");
  switch (outcome) {
    case "taken":
      return emptyReply;
    case "not_configured":
      return problemReply("not_found", requestId);
    case "forged":
      await services.rateLimiter.count(request, { kind: "anonymous", name: "anonymous" });
      return problemReply("signature_invalid", requestId);
  }
}
