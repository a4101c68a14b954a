import { at } from "./fill-path.ts";
import type { BodyOf } from "./operation-types.ts";
import type { Send } from "./send-call.ts";
import type { CallOptions, PostOptions } from "./send-request.ts";

/** The calls that make customers and verify their phones. */
export function customerCalls(send: Send) {
  return {
    /** Signs a customer up, and sends a code to their phone. Repeated with the same `request_id`, it sends nothing. */
    createCustomer: (body: BodyOf<"create_customer">, call?: PostOptions) =>
      send<"create_customer">({ method: "POST", path: "/v1/customers", body }, call),
    /** Tries a code. A wrong one is an answer too: look at `result`. */
    verifyCustomer: (customerId: string, body: BodyOf<"verify_customer">, call?: PostOptions) =>
      send<"verify_customer">({ method: "POST", path: at`/v1/customers/${customerId}/verify`, body }, call),
    /** Sends a new code, which ends the old one. */
    resendCode: (customerId: string, call?: PostOptions) =>
      send<"resend_code">({ method: "POST", path: at`/v1/customers/${customerId}/resend`, body: {} }, call),
    findCustomer: (customerId: string, call?: CallOptions) =>
      send<"find_customer">({ method: "GET", path: at`/v1/customers/${customerId}` }, call),
  };
}
