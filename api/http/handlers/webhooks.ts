import type { ProblemCode } from "../../contract/problems.ts";
import { deleteEndpoint, enableEndpoint, rotateSecret } from "../../features/webhooks/change-endpoint.ts";
import { checkEndpointUrl, createEndpoint } from "../../features/webhooks/create-endpoint.ts";
import { listDeliveries } from "../../features/webhooks/list-deliveries.ts";
import { listEndpoints } from "../../features/webhooks/list-endpoints.ts";
import { resendMessage } from "../../features/webhooks/resend-message.ts";
import { outcomeReply } from "../outcome-reply.ts";
import { pageRequestOf } from "../page-request.ts";
import { presentDelivery, presentEndpoint } from "../present-webhooks.ts";
import { presentPage } from "../present.ts";
import { problemReply, RequestProblem } from "../problem-reply.ts";
import { emptyReply, jsonReply } from "../reply.ts";
import { opened, sealed } from "../seal-outcome.ts";
import type { Handler } from "../serve-operation.ts";

const urlFaults = {
  private: "must not lead to a private or local network",
  unresolvable: "must have a host that can be looked up",
  redirects_inside: "must not redirect to a private or local network",
} as const;

export const postWebhookEndpoint: Handler<"create_webhook_endpoint"> = async (request, services) => {
  const { body, claim, secret, requestId } = request;
  const fault = await checkEndpointUrl(services, body.url);
  const asked = { url: body.url, eventTypes: body.event_types };
  const created = await createEndpoint(services, asked, claim, (made) => {
    // A request that was answered before gets that answer, wherever the receiver's name leads to by now.
    if (fault !== null) throw refuseUrl(urlFaults[fault]);
    return sealed(
      made === null
        ? problemReply("webhook_endpoints_full", requestId)
        : jsonReply(201, { ...presentEndpoint(made.endpoint), secret: made.secret }),
      secret,
    );
  });
  return outcomeReply(opened(created, secret), requestId);
};

function refuseUrl(detail: string): RequestProblem {
  return new RequestProblem("validation_failed", { errors: [{ pointer: "/url", detail }] });
}

export const getWebhookEndpoints: Handler<"list_webhook_endpoints"> = async ({ query, path }, services) => {
  const page = await listEndpoints(services, pageRequestOf(query));
  return jsonReply(200, presentPage(page, path, presentEndpoint));
};

export const deleteWebhookEndpoint: Handler<"delete_webhook_endpoint"> = async (request, services) => {
  if (!(await deleteEndpoint(services, request.param("webhook_endpoint_id"))))
    throw new RequestProblem("webhook_endpoint_not_found");
  return emptyReply;
};

export const postRotateSecret: Handler<"rotate_webhook_secret"> = async (request, services) => {
  const { claim, secret, requestId } = request;
  const endpointId = request.param("webhook_endpoint_id");
  const outcome = await rotateSecret(services, endpointId, claim, (rotated) =>
    sealed(
      rotated === null
        ? problemReply("webhook_endpoint_not_found", requestId)
        : jsonReply(200, { ...presentEndpoint(rotated.endpoint), secret: rotated.secret }),
      secret,
    ),
  );
  return outcomeReply(opened(outcome, secret), requestId);
};

export const postEnable: Handler<"enable_webhook_endpoint"> = async (request, services) => {
  const { claim, requestId } = request;
  const endpointId = request.param("webhook_endpoint_id");
  const outcome = await enableEndpoint(services, endpointId, claim, (endpoint) =>
    endpoint === null
      ? problemReply("webhook_endpoint_not_found", requestId)
      : jsonReply(200, presentEndpoint(endpoint)),
  );
  return outcomeReply(outcome, requestId);
};

export const getWebhookDeliveries: Handler<"list_webhook_deliveries"> = async (request, services) => {
  const { query, path } = request;
  const filter = { endpointId: request.param("webhook_endpoint_id"), status: query.status ?? null };
  const page = await listDeliveries(services, filter, pageRequestOf(query));
  if (page === null) throw new RequestProblem("webhook_endpoint_not_found");
  return jsonReply(200, presentPage(page, path, presentDelivery));
};

const resendingProblems = {
  endpoint_not_found: "webhook_endpoint_not_found",
  endpoint_disabled: "webhook_endpoint_disabled",
  message_not_found: "webhook_message_not_found",
} as const satisfies Readonly<Record<string, ProblemCode>>;

export const postMessageResend: Handler<"resend_webhook_message"> = async (request, services) => {
  const { claim, requestId } = request;
  const asked = {
    endpointId: request.param("webhook_endpoint_id"),
    messageId: request.param("message_id"),
  };
  const outcome = await resendMessage(services, asked, claim, (resending) =>
    resending.kind === "resending"
      ? jsonReply(202, presentDelivery(resending.delivery))
      : problemReply(resendingProblems[resending.kind], requestId),
  );
  return outcomeReply(outcome, requestId);
};
