import { extendCart } from "../../features/carts/extend-cart.ts";
import { findCart } from "../../features/carts/find-cart.ts";
import { putCartItem } from "../../features/carts/put-cart-item.ts";
import { removeCartItem } from "../../features/carts/remove-cart-item.ts";
import { requesterOf } from "../caller.ts";
import { outcomeReply } from "../outcome-reply.ts";
import { presentCart } from "../present-carts.ts";
import { RequestProblem } from "../problem-reply.ts";
import { jsonReply } from "../reply.ts";
import { type ApiRequest, type Handler, recordedClaim } from "../serve-operation.ts";

export const putItem: Handler<"put_cart_item"> = async (request, services) => {
  const { caller, body } = request;
  if (caller.kind === "buyer" && caller.userId !== body.user_id) {
    throw new RequestProblem("forbidden", {
      detail: "A buyer token can fill carts of its own user only.",
    });
  }
  const item = { ...itemOf(request), userId: body.user_id, quantity: body.quantity };
  return outcomeReply(await putCartItem(services, item), request.requestId);
};

export const deleteItem: Handler<"remove_cart_item"> = async (request, services) =>
  outcomeReply(await removeCartItem(services, itemOf(request)), request.requestId);

export const getCart: Handler<"find_cart"> = async (request, services) => {
  const view = await findCart(services, request.param("cart_id"), requesterOf(request.caller));
  if (view === null) throw new RequestProblem("cart_not_found");
  return jsonReply(200, presentCart(view));
};

export const postCartExtend: Handler<"extend_cart"> = async (request, services) => {
  const extension = { cartId: request.param("cart_id"), requester: requesterOf(request.caller) };
  const outcome = await extendCart(services, extension, recordedClaim(request));
  return outcomeReply(outcome, request.requestId);
};

function itemOf(request: ApiRequest) {
  return {
    cartId: request.param("cart_id"),
    eventId: request.param("event_id"),
    requester: requesterOf(request.caller),
  };
}
