import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
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

  /** What the caller learns, without what differs from answer to answer by design. */
  const whatIsTold = async (headers: Record<string, string>) => {
    const answer = await service.send("get", path, { headers: { "x-request-id": "same", ...headers } });
    const { date: _, ...rest } = answer.headers;
    return { status: answer.status, text: answer.text, headers: rest };
  };

  const sign = async (options: {
    secret?: Uint8Array;
    expiresAt?: number;
    algorithm?: string;
    subject?: string;
    issuer?: string;
  }) => {
    const [row] = await service.database.query<{ secret: Buffer }>(
      "select secret from signing_secrets where purpose = 'buyer tokens'",
    );
    const token = new SignJWT()
      .setProtectedHeader({ alg: options.algorithm ?? "HS256" })
      .setIssuer(options.issuer ?? "holdfast")
      .setExpirationTime(options.expiresAt ?? Math.floor(Date.now() / 1000) + 600);
    if (options.subject !== "") token.setSubject(options.subject ?? "ada");
    return token.sign(options.secret ?? row?.secret ?? new Uint8Array(64));
  };
  const unsigned = (header: object) => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${encode(header)}.${encode({ iss: "holdfast", sub: "ada", exp: 4_102_444_800 })}.`;
  };

  test("is answered like a missing one, whatever is wrong with it", async () => {
    const missing = await whatIsTold({});
    expect(missing).toMatchObject({
      status: 401,
      headers: { "www-authenticate": expect.stringContaining("Bearer") },
    });
    const { keys, send, database } = service;
    const made = await send("post", "/v1/api-keys", {
      as: keys.admin,
      body: { name: "soon gone", role: "admin" },
    });
    const revoked = String(made.body["key"]);
    await send("delete", `/v1/api-keys/${String(made.body["id"])}`, { as: keys.admin });
    const future = "2100-01-01";
    const credentials: Record<string, string> = {
      garbage: "Bearer garbage",
      "no scheme": keys.admin,
      "another scheme": `Basic ${Buffer.from("admin:admin").toString("base64")}`,
      empty: "Bearer ",
      "two keys": `Bearer ${keys.admin} ${keys.admin}`,
      "an unknown key": `Bearer hf_admin_${"A".repeat(32)}`,
      "a key with one character changed": `Bearer ${keys.admin.slice(0, -1)}${keys.admin.endsWith("A") ? "B" : "A"}`,
      "a key that is cut short": `Bearer ${keys.admin.slice(0, -1)}`,
      "a key that is too long": `Bearer ${keys.admin}A`,
      "a key of 4,000 characters": `Bearer hf_admin_${"A".repeat(4_000)}`,
      "a key of 5,000 characters": `Bearer hf_admin_${"A".repeat(5_000)}`,
      "the bare prefix": "Bearer hf_",
      "a revoked key": `Bearer ${revoked}`,
      "an expired token": `Bearer ${await sign({ expiresAt: Date.parse("2020-01-01") / 1000 })}`,
      "a token signed by another": `Bearer ${await sign({ secret: new Uint8Array(32) })}`,
      "a token of another algorithm": `Bearer ${await sign({ algorithm: "HS512" })}`,
      "a token of another issuer": `Bearer ${await sign({ issuer: "elsewhere", expiresAt: Date.parse(future) / 1000 })}`,
      "a token for nobody": `Bearer ${await sign({ subject: "" })}`,
      "a token with alg none": `Bearer ${unsigned({ alg: "none" })}`,
      "a token with alg None": `Bearer ${unsigned({ alg: "None", typ: "JWT" })}`,
    };
    for (const [what, authorization] of Object.entries(credentials)) {
      expect({ what, ...(await whatIsTold({ authorization })) }).toEqual({ what, ...missing });
    }
    expect(
      await database.query("select 1 from api_keys where role = 'admin' and revoked_at is null"),
    ).toHaveLength(1);
  });

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
