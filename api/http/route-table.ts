import type { PlainOperationName } from "../contract/operations.ts";
import { deleteApiKey, getApiKeys, postApiKey, postBuyerToken } from "./handlers/access.ts";
import { deleteItem, getCart, postCartExtend, putItem } from "./handlers/carts.ts";
import { getCustomer, postCustomer, postResend, postVerify } from "./handlers/customers.ts";
import { getEvent, getEvents, patchEvent, postEvent, postPause, postResume } from "./handlers/events.ts";
import { getOrder, getOrders, postCheckout, postRefund } from "./handlers/orders.ts";
import {
  getReservation,
  getReservations,
  postCancel,
  postConfirm,
  postExtend,
  postHold,
} from "./handlers/reservations.ts";
import { getRestockOrders, postDelivery } from "./handlers/restock.ts";
import {
  deleteWebhookEndpoint,
  getWebhookDeliveries,
  getWebhookEndpoints,
  postEnable,
  postMessageResend,
  postRotateSecret,
  postWebhookEndpoint,
} from "./handlers/webhooks.ts";
import type { Handler } from "./serve-operation.ts";

/** Who serves what, except for streams and signed messages. The order is the order of matching, the busiest first. */
export const routeTable: { readonly [Name in PlainOperationName]: Handler<Name> } = {
  hold_tickets: postHold,
  confirm_reservation: postConfirm,
  extend_reservation: postExtend,
  cancel_reservation: postCancel,
  put_cart_item: putItem,
  check_out_cart: postCheckout,
  find_cart: getCart,
  remove_cart_item: deleteItem,
  extend_cart: postCartExtend,
  find_order: getOrder,
  list_orders: getOrders,
  refund_order: postRefund,
  find_reservation: getReservation,
  list_reservations: getReservations,
  find_event: getEvent,
  list_events: getEvents,
  create_event: postEvent,
  change_event: patchEvent,
  pause_event: postPause,
  resume_event: postResume,
  list_restock_orders: getRestockOrders,
  report_delivery: postDelivery,
  create_customer: postCustomer,
  verify_customer: postVerify,
  resend_code: postResend,
  find_customer: getCustomer,
  create_buyer_token: postBuyerToken,
  create_api_key: postApiKey,
  list_api_keys: getApiKeys,
  revoke_api_key: deleteApiKey,
  create_webhook_endpoint: postWebhookEndpoint,
  list_webhook_endpoints: getWebhookEndpoints,
  delete_webhook_endpoint: deleteWebhookEndpoint,
  rotate_webhook_secret: postRotateSecret,
  enable_webhook_endpoint: postEnable,
  list_webhook_deliveries: getWebhookDeliveries,
  resend_webhook_message: postMessageResend,
};
