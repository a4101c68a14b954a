import { createHmac } from "node:crypto";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../api/http/create-app.ts";
import { listen } from "../../api/http/listen.ts";
import { makeId } from "../../api/kernel/ids.ts";
import type { PaymentProvider } from "../../api/providers/payment/payment-provider.ts";
import { openStripeWebhooks } from "../../api/providers/payment/read-stripe-webhook.ts";
import { StripePayments } from "../../api/providers/payment/stripe-payments.ts";
import type { Answer } from "../support/answer.ts";
import { createClient, type Send } from "../support/http-client.ts";
import { openTestService, type TestService } from "../support/open-test-service.ts";
import { startStripeDouble, type StripeDouble } from "../support/start-stripe-double.ts";
import { stripeCards } from "../support/stripe-books.ts";
import { waitFor } from "../support/wait-for.ts";

const secret = "whsec_test";
const path = "/v1/payment-webhooks/stripe";

let service: TestService;
let stripe: StripeDouble;
/** Sends to the same service on a listener that knows the secret. */
let send: Send;
let closeListener: () => Promise<void>;

beforeAll(async () => {
  stripe = await startStripeDouble();
  service = await openTestService({ demo: true });
  const { secretKey, address } = stripe;
  const payments = service.services.payments as Map<string, PaymentProvider>;
  payments.set("stripe", await StripePayments.open({ secretKey, address }));
  const readStripeWebhook = await openStripeWebhooks(secret);
  const server = await listen(createApp({ ...service.services, readStripeWebhook }), {
    host: "127.0.0.1",
    port: 0,
    setting: "PORT",
  });
  send = createClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  closeListener = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
});
afterAll(async () => {
  await closeListener();
  await service.close();
  await stripe.close();
});

function eventAbout(orderId: string, type = "payment_intent.succeeded"): string {
  const object = { id: "pi_1", object: "payment_intent", metadata: { order_id: orderId } };
  return JSON.stringify({ id: "evt_1", object: "event", type, data: { object } });
}

interface Signed {
  readonly with?: string;
  readonly secondsAgo?: number;
}

/** As Stripe's documentation has it. */
function signatureOf(payload: string, { with: by = secret, secondsAgo = 0 }: Signed = {}): string {
  const timestamp = Math.floor(Date.now() / 1000) - secondsAgo;
  const signature = createHmac("sha256", by).update(`${timestamp}.${payload}`).digest("hex");
  return `t=${timestamp},v1=${signature}`;
}

function deliver(payload: string, signature: string | null = signatureOf(payload)): Promise<Answer> {
  const headers = signature === null ? {} : { "stripe-signature": signature };
  return send("post", path, { body: payload, headers });
}

/** Begins to pay with a card of the double's that takes its time. */
async function beginPayment(): Promise<string> {
  const event = await service.createEvent({ price_cents: 2_550, currency: "EUR" });
  const cart = `/v1/carts/${makeId()}`;
  const asShop = { as: service.keys.service };
  await service.send("put", `${cart}/items/${event.id}`, { ...asShop, body: { user_id: makeId() } });
  const begun = await service.send("post", `${cart}/checkout`, {
    ...asShop,
    body: { email: "buyer@example.org", payment: { provider: "stripe", token: stripeCards.slow } },
  });
  expect(begun.body).toMatchObject({ status: "pending", total_cents: 2_550 });
  return String(begun.body["id"]);
}

async function readJob(orderId: string) {
  return service.database.query("select state, start_after from pgboss.job where id = $1", [orderId]);
}

/** Whether an order's job need not wait any more: it may have been begun, or be done. */
async function isDue(orderId: string): Promise<boolean> {
  const waiting = await service.database.query(
    "select 1 from pgboss.job where id = $1 and state in ('created', 'retry') and start_after > now()",
    [orderId],
  );
  return waiting.length === 0;
}

async function readStatus(orderId: string): Promise<unknown> {
  const { body } = await service.send("get", `/v1/orders/${orderId}`, { as: service.keys.service });
  return body["status"];
}

describe("a message from Stripe", () => {
  test("has the order that it is about settled at once, however often it comes", async () => {
    const orderId = await beginPayment();
    stripe.books.finish(orderId, "succeeded");
    expect(await isDue(orderId)).toBe(false);
    const deliveries = await Promise.all([1, 2, 3].map(() => deliver(eventAbout(orderId))));
    expect(await isDue(orderId)).toBe(true);
    expect(deliveries.map(({ status, text }) => [status, text])).toEqual(deliveries.map(() => [204, ""]));
    await waitFor("the order", async () => (await readStatus(orderId)) === "paid");
    expect((await deliver(eventAbout(orderId))).status).toBe(204);
    expect(stripe.books.chargesOf(orderId)).toBe(1);
  });

  test("is not believed: what came of a payment, only asking Stripe tells", async () => {
    const orderId = await beginPayment();
    const callsBefore = stripe.calls.length;
    expect((await deliver(eventAbout(orderId))).status).toBe(204);
    await waitFor("the question", () => stripe.calls.length > callsBefore);
    expect(await readStatus(orderId)).toBe("pending");
    stripe.books.finish(orderId, "requires_payment_method");
    await deliver(eventAbout(orderId, "payment_intent.payment_failed"));
    await waitFor("the order", async () => (await readStatus(orderId)) === "declined");
  });

  test.each([
    ["an order that there is not", eventAbout(makeId())],
    [
      "no order",
      JSON.stringify({ id: "evt_1", object: "event", type: "payment_intent.created", data: { object: {} } }),
    ],
    ["an order that is no id", eventAbout("' or true --")],
    ["something else", JSON.stringify({ id: "evt_1", object: "event", type: "customer.created", data: {} })],
    ["something of another kind", JSON.stringify({ id: "evt_1", object: "v2.core.event", type: "x" })],
    ["nothing that can be read", "no JSON"],
  ])("about %s is taken and has no effect", async (_what, payload) => {
    expect((await deliver(payload)).status).toBe(204);
  });
});

describe("what Stripe has not signed", () => {
  test.each<[string, (payload: string) => string | null]>([
    ["without a signature", () => null],
    ["with an empty one", () => ""],
    ["with nonsense", () => "t=1,v1=abc"],
    ["with another secret's", (payload) => signatureOf(payload, { with: "whsec_other" })],
    ["with that of another message", () => signatureOf("{}")],
    ["that is older than five minutes", (payload) => signatureOf(payload, { secondsAgo: 301 })],
    ["under an old scheme", (payload) => signatureOf(payload).replace("v1=", "v0=")],
  ])("is refused and has no effect: %s", async (_what, sign) => {
    const orderId = await beginPayment();
    const jobBefore = await readJob(orderId);
    const payload = eventAbout(orderId);
    const answer = await deliver(payload, sign(payload));
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: "signature_invalid" });
    expect(await readJob(orderId)).toEqual(jobBefore);
    expect(jobBefore).toHaveLength(1);
  });

  test("is counted against its sender's limit", async () => {
    const strict = await openTestService({
      database: service.database,
      rateLimits: { anonymousMax: 2, buyerMax: 1_000, signupMax: 1_000 },
    });
    const readStripeWebhook = await openStripeWebhooks(secret);
    const server = await listen(createApp({ ...strict.services, readStripeWebhook }), {
      host: "127.0.0.1",
      port: 0,
      setting: "PORT",
    });
    const sendStrictly = createClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const payload = eventAbout(makeId());
    const statuses: number[] = [];
    for (const signature of ["", "", "", signatureOf(payload)]) {
      const headers = { "stripe-signature": signature };
      statuses.push((await sendStrictly("post", path, { body: payload, headers })).status);
    }
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await strict.close();
    expect(statuses).toEqual([400, 400, 429, 204]);
  });

  test("of more than 64 KB is not read", async () => {
    const payload = eventAbout(makeId()).padEnd(64 * 1024 + 1);
    expect((await deliver(payload)).status).toBe(413);
    expect((await deliver(payload.slice(0, 64 * 1024))).status).toBe(204);
  });
});

test("without a secret there is nothing at that address", async () => {
  const payload = eventAbout(makeId());
  const headers = { "stripe-signature": signatureOf(payload) };
  const answer = await service.send("post", path, { body: payload, headers });
  expect(answer.status).toBe(404);
  expect(answer.body).toMatchObject({ code: "not_found" });
});
