import { type Operation, type OperationName, operations } from "../../contract/operations.ts";

/** What is lost when a request is refused: a wish that may come back, or work and money that somebody has begun. */
type Worth = "begins" | "finishes";

/** Every call by its worth. What looks at things counts as beginning, but for what a buyer has in hand. */
const worthByName: Readonly<Record<OperationName, Worth>> = {
  hold_tickets: "begins",
  confirm_reservation: "finishes",
  extend_reservation: "finishes",
  cancel_reservation: "finishes",
  find_reservation: "finishes",
  list_reservations: "begins",
  create_event: "finishes",
  list_events: "begins",
  find_event: "begins",
  change_event: "finishes",
  pause_event: "finishes",
  resume_event: "finishes",
  create_buyer_token: "begins",
  create_api_key: "finishes",
  list_api_keys: "begins",
  revoke_api_key: "finishes",
  put_cart_item: "begins",
  remove_cart_item: "finishes",
  find_cart: "finishes",
  extend_cart: "finishes",
  check_out_cart: "finishes",
  find_order: "finishes",
  list_orders: "begins",
  refund_order: "finishes",
  follow_event: "begins",
  follow_events: "begins",
  receive_stripe_webhook: "finishes",
  create_customer: "begins",
  verify_customer: "finishes",
  resend_code: "begins",
  find_customer: "begins",
  list_restock_orders: "begins",
  report_delivery: "finishes",
  create_webhook_endpoint: "finishes",
  list_webhook_endpoints: "begins",
  delete_webhook_endpoint: "finishes",
  rotate_webhook_secret: "finishes",
  enable_webhook_endpoint: "finishes",
  list_webhook_deliveries: "begins",
  resend_webhook_message: "finishes",
};

/** A request as the door sees it: by its first line alone. */
export interface Arrival {
  /** The probes of those who watch the service are never refused. */
  readonly worth: Worth | "probes";
  readonly method: string;
  /** The template of its path; never the path itself, which is the client's to choose. */
  readonly route: string;
}

const arrivals = new Map<string, Arrival>();
for (const [name, operation] of Object.entries(operations) as [OperationName, Operation][]) {
  const method = operation.method.toUpperCase();
  const arrival = { worth: worthByName[name], method, route: operation.path };
  arrivals.set(`${method} ${operation.path.replaceAll(/\{\w+\}/g, "{}")}`, arrival);
}
for (const route of ["/livez", "/readyz"])
  arrivals.set(`GET ${route}`, { worth: "probes", method: "GET", route });
/** The method is the client's to choose, so it is not told. */
const unknownArrival: Arrival = { worth: "begins", method: "other", route: "unmatched" };

/** Looks a request up by its method and target. Pages, help and what is not there count as beginning. */
export function recogniseArrival(method: string, target: string): Arrival {
  const queryStart = target.indexOf("?");
  const path = queryStart < 0 ? target : target.slice(0, queryStart);
  const asked = method === "HEAD" ? "GET" : method;
  return arrivals.get(`${asked} ${path.replaceAll(/[0-9a-f-]{36}/gi, "{}")}`) ?? unknownArrival;
}
