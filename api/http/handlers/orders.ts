import { checkOutCart } from "../../features/orders/check-out-cart.ts";
import { findOrder } from "../../features/orders/find-order.ts";
import { listOrders } from "../../features/orders/list-orders.ts";
import { refundOrder } from "../../features/orders/refund-order.ts";
import { requesterOf } from "../caller.ts";
import { outcomeReply } from "../outcome-reply.ts";
import { pageRequestOf } from "../page-request.ts";
import { presentOrder } from "../present-carts.ts";
import { presentPage } from "../present.ts";
import { RequestProblem } from "../problem-reply.ts";
import { jsonReply } from "../reply.ts";
import { type Handler, recordedClaim } from "../serve-operation.ts";

export const postCheckout: Handler<"check_out_cart"> = async (request, services) => {
  const { body, requestId } = request;
  const checkout = {
    cartId: request.param("cart_id"),
    requester: requesterOf(request.caller),
    email: body.email,
    provider: body.payment.provider,
    token: body.payment.token,
  };
  const outcome = await checkOutCart(services, checkout, recordedClaim(request, 201));
  return outcomeReply(outcome, requestId, 201);
};

export const getOrder: Handler<"find_order"> = async (request, services) => {
  const order = await findOrder(services, request.param("order_id"), requesterOf(request.caller));
  if (order === null) throw new RequestProblem("order_not_found");
  return jsonReply(200, presentOrder(order));
};

export const getOrders: Handler<"list_orders"> = async ({ caller, query, path }, services) => {
  const isBuyer = caller.kind === "buyer";
  if (isBuyer && query.user_id !== undefined && query.user_id !== caller.userId) {
    throw new RequestProblem("forbidden", { detail: "A buyer token can list orders of its own user only." });
  }
  const userId = isBuyer ? caller.userId : (query.user_id ?? null);
  const filter = { userId, status: query.status ?? null };
  const page = await listOrders(services, filter, pageRequestOf(query));
  return jsonReply(200, presentPage(page, path, presentOrder));
};

export const postRefund: Handler<"refund_order"> = async (request, services) => {
  const outcome = await refundOrder(services, request.param("order_id"), recordedClaim(request));
  return outcomeReply(outcome, request.requestId);
};
