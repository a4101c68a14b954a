import {
  createCustomerBody,
  customerWithVerificationReply,
  verificationReply,
  verifyCustomerBody,
  verifyCustomerReply,
} from "./customers.ts";
import { noBody } from "./events.ts";
import type { Operation } from "./operation.ts";

/** The calls that make customers and verify their phones. */
export const customerOperations = {
  create_customer: {
    method: "post",
    path: "/v1/customers",
    summary: "Sign a customer up, and send a code to their phone",
    access: ["admin", "service", "signup"],
    body: createCustomerBody,
    reply: { status: 201, schema: customerWithVerificationReply },
    problems: [],
  },
  verify_customer: {
    method: "post",
    path: "/v1/customers/{customer_id}/verify",
    summary: "Try the code that was sent to a customer",
    access: ["admin", "service", "buyer", "signup"],
    missing: "customer_not_found",
    body: verifyCustomerBody,
    reply: { status: 200, schema: verifyCustomerReply },
    problems: ["customer_not_found"],
  },
  resend_code: {
    method: "post",
    path: "/v1/customers/{customer_id}/resend",
    summary: "Send a customer a new code, which ends the old one",
    access: ["admin", "service", "buyer", "signup"],
    missing: "customer_not_found",
    body: noBody,
    reply: { status: 202, schema: verificationReply },
    problems: ["customer_not_found"],
  },
  find_customer: {
    method: "get",
    path: "/v1/customers/{customer_id}",
    summary: "Read a customer and how their verification stands",
    access: ["admin", "service", "observer", "buyer", "signup"],
    missing: "customer_not_found",
    reply: { status: 200, schema: customerWithVerificationReply },
    problems: ["customer_not_found"],
  },
} as const satisfies Record<string, Operation>;
