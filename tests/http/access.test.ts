import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Operation, type OperationName, operations } from "../../api/contract/operations.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";

let service: TestService;
let buyerToken: string;

beforeAll(async () => {
  service = await openTestService();
  buyerToken = await service.makeBuyerToken("ada");
});
afterAll(() => service.close());

const callers = ["admin", "service", "observer", "buyer", "anonymous"] as const;
type CallerKind = (typeof callers)[number];

/** Who may make which call, as the contract has it. Written out here, so that a slip in the code shows. */
const allowed: Record<OperationName, readonly CallerKind[]> = {
  hold_tickets: ["admin", "service", "buyer"],
  confirm_reservation: ["admin", "service", "buyer"],
  extend_reservation: ["admin", "service", "buyer"],
  cancel_reservation: ["admin", "service", "buyer"],
  find_reservation: ["admin", "service", "observer", "buyer"],
  list_reservations: ["admin", "service", "observer"],
  create_event: ["admin"],
  change_event: ["admin"],
  pause_event: ["admin"],
  resume_event: ["admin"],
  find_event: ["admin", "service", "observer", "buyer", "anonymous"],
  list_events: ["admin", "service", "observer", "buyer", "anonymous"],
  put_cart_item: ["admin", "service", "buyer"],
  remove_cart_item: ["admin", "service", "buyer"],
  find_cart: ["admin", "service", "observer", "buyer"],
  extend_cart: ["admin", "service", "buyer"],
  check_out_cart: ["admin", "service", "buyer"],
  find_order: ["admin", "service", "observer", "buyer"],
  list_orders: ["admin", "service", "observer", "buyer"],
  refund_order: ["admin", "service"],
  follow_event: ["admin", "service", "observer", "buyer", "anonymous"],
  follow_events: ["admin", "service", "observer", "buyer", "anonymous"],
  receive_stripe_webhook: ["admin", "service", "observer", "buyer", "anonymous"],
  list_restock_orders: ["admin", "service", "observer"],
  report_delivery: ["admin", "service"],
  create_customer: ["admin", "service"],
  verify_customer: ["admin", "service", "buyer"],
  resend_code: ["admin", "service", "buyer"],
  find_customer: ["admin", "service", "observer", "buyer"],
  create_webhook_endpoint: ["admin"],
  list_webhook_endpoints: ["admin"],
  delete_webhook_endpoint: ["admin"],
  rotate_webhook_secret: ["admin"],
  enable_webhook_endpoint: ["admin"],
  list_webhook_deliveries: ["admin"],
  resend_webhook_message: ["admin"],
  create_buyer_token: ["admin", "service"],
  create_api_key: ["admin"],
  list_api_keys: ["admin"],
  revoke_api_key: ["admin"],
};

const everyPair = (Object.keys(operations) as OperationName[]).flatMap((name) =>
  callers.map((caller) => ({ name, caller, may: (allowed[name] ?? []).includes(caller) })),
);

describe("roles", () => {
  test.each(everyPair)("$name as $caller: allowed is $may", async ({ name, caller, may }) => {
    const operation: Operation = operations[name];
    const path = operation.path.replaceAll(/\{\w+\}/g, () => randomUUID());
    const credentials = { ...service.keys, buyer: buyerToken };
    const answer = await service.send(operation.method, path, {
      ...(caller !== "anonymous" && { as: credentials[caller] }),
      ...(operation.body !== undefined && { body: {} }),
    });
    const isRefused = answer.status === (caller === "anonymous" ? 401 : 403);
    expect({ isRefused, status: answer.status }).toEqual({ isRefused: !may, status: answer.status });
  });
});

describe("a credential that is not valid", () => {
  const path = `/v1/reservations/${randomUUID()}`;

  test("is not ignored where none is needed", async () => {
    const answer = await service.send("get", "/v1/events", { as: "hf_admin_unknown" });
    expect(answer).toMatchObject({ status: 401, body: { code: "unauthorized" } });
  });

  test("does not stand in the way of a good one: scheme names have no case", async () => {
    const answer = await service.send("get", path, {
      headers: { authorization: `bEARER ${service.keys.admin}` },
    });
    expect(answer).toMatchObject({ status: 404 });
  });
});
