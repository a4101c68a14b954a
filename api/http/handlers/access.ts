import { createApiKey } from "../../features/access/create-api-key.ts";
import { createBuyerToken } from "../../features/access/create-buyer-token.ts";
import { listApiKeys } from "../../features/access/list-api-keys.ts";
import { revokeKey } from "../../features/access/revoke-key.ts";
import { makeId } from "../../kernel/ids.ts";
import { unauthorized } from "../caller.ts";
import { outcomeReply } from "../outcome-reply.ts";
import { pageRequestOf } from "../page-request.ts";
import { presentInstant, presentPage } from "../present.ts";
import { RequestProblem } from "../problem-reply.ts";
import { emptyReply, jsonReply } from "../reply.ts";
import { opened, sealed } from "../seal-outcome.ts";
import type { Handler } from "../serve-operation.ts";

export const postBuyerToken: Handler<"create_buyer_token"> = async (request, services) => {
  const { caller, body, claim, secret } = request;
  const isShop = caller.kind === "key" && caller.role !== "observer";
  if (caller.kind !== "anonymous" && !isShop) throw new RequestProblem("forbidden");
  if (caller.kind === "anonymous" && (!services.demo || body.user_id !== undefined)) throw unauthorized();
  const userId = body.user_id ?? `guest_${makeId()}`;
  const issued = await createBuyerToken(services, userId, claim, ({ token, expiresAtMs }) => {
    const reply = { buyer_token: token, user_id: userId, expires_at: presentInstant(expiresAtMs) };
    return sealed(jsonReply(201, reply), secret);
  });
  return outcomeReply(opened(issued, secret), request.requestId);
};

export const postApiKey: Handler<"create_api_key"> = async (request, services) => {
  const { body, claim, secret } = request;
  const created = await createApiKey(services, body, claim, (apiKey, key) =>
    sealed(jsonReply(201, { ...presentApiKey(apiKey), key }), secret),
  );
  return outcomeReply(opened(created, secret), request.requestId);
};

export const getApiKeys: Handler<"list_api_keys"> = async ({ query, path }, services) => {
  const page = await listApiKeys(services, pageRequestOf(query));
  return jsonReply(200, presentPage(page, path, presentApiKey));
};

export const deleteApiKey: Handler<"revoke_api_key"> = async (request, services) => {
  if (!(await revokeKey(services, request.param("api_key_id"))))
    throw new RequestProblem("api_key_not_found");
  return emptyReply;
};

function presentApiKey(apiKey: { id: string; name: string; role: string; createdAtMs: number }) {
  const { id, name, role, createdAtMs } = apiKey;
  return { id, name, role, created_at: presentInstant(createdAtMs) };
}
