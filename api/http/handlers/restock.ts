import { listRestockOrders } from "../../features/restock/list-restock-orders.ts";
import { receiveDelivery } from "../../features/restock/receive-delivery.ts";
import { outcomeReply } from "../outcome-reply.ts";
import { pageRequestOf } from "../page-request.ts";
import { presentRestockOrder } from "../present-restock.ts";
import { presentPage } from "../present.ts";
import { RequestProblem } from "../problem-reply.ts";
import { jsonReply } from "../reply.ts";
import { type Handler, recordedClaim } from "../serve-operation.ts";

export const getRestockOrders: Handler<"list_restock_orders"> = async (request, services) => {
  const { query, path } = request;
  const page = await listRestockOrders(services, request.param("event_id"), pageRequestOf(query));
  if (page === null) throw new RequestProblem("event_not_found");
  return jsonReply(200, presentPage(page, path, presentRestockOrder));
};

export const postDelivery: Handler<"report_delivery"> = async (request, services) => {
  const { body, caller, requestId } = request;
  const { restock_order_id: restockOrderId, quantity } = body;
  const delivery = { restockOrderId, quantity, actor: caller.name };
  return outcomeReply(await receiveDelivery(services, delivery, recordedClaim(request)), requestId);
};
