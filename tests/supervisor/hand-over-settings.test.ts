import { expect, test } from "vitest";
import { readConfiguration } from "../../api/kernel/configuration.ts";
import { workerEnvironment } from "../../api/supervisor/worker-environment.ts";
import { workerSettings, workerSettingsVariable } from "../../api/worker-settings.ts";

const place = {
  connectionString: "postgres://db/holdfast",
  jobStatementTexts: { "send-code": { insert: "insert", remove: "delete" } },
  port: 3000,
  storefrontFolder: "storefront",
  node: "machine",
};

function settingsOf(environment: Record<string, string>) {
  const handedOver = workerEnvironment(readConfiguration(environment, []), place)[workerSettingsVariable];
  return workerSettings.parse(JSON.parse(handedOver ?? "null"));
}

test("workers learn what was configured about payments, receipts and what they take on", () => {
  const environment = {
    DEMO: "0",
    DATA_DIR: "/srv/holdfast",
    STRIPE_SECRET_KEY: "sk_test_1",
    STRIPE_WEBHOOK_SECRET: "whsec_1",
    PAYMENT_GRACE_SECONDS: "90",
    DEMO_PAYMENT_FAILURE_RATE: "0.25",
    SMTP_URL: "smtp://user:password@mail:25",
    MAIL_FROM: "Box office <tickets@example.org>",
    PUBLIC_URL: "https://example.org",
    REQUESTS_MAX: "300",
    CONNECTIONS_MAX: "400",
  };
  expect(settingsOf(environment)).toMatchObject({
    ...place,
    demo: false,
    dataDir: "/srv/holdfast",
    stripeSecretKey: "sk_test_1",
    stripeWebhookSecret: "whsec_1",
    paymentGraceSeconds: 90,
    demoPaymentFailureRate: 0.25,
    smtpUrl: "smtp://user:password@mail:25",
    mailFrom: "Box office <tickets@example.org>",
    publicUrl: "https://example.org",
    admission: { requestsMax: 300, connectionsMax: 400 },
  });
});

test("and what was not", () => {
  expect(settingsOf({})).toMatchObject({
    demo: true,
    stripeSecretKey: null,
    stripeWebhookSecret: null,
    smtpUrl: null,
    publicUrl: null,
  });
});
