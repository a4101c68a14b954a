import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigurationError, isLoopback, readConfiguration } from "../../api/kernel/configuration.ts";

describe("the configuration", () => {
  test("has a default for everything", () => {
    expect(readConfiguration({}, [])).toEqual({
      port: 3000,
      opsPort: 3001,
      host: "127.0.0.1",
      role: "all",
      workersMin: 1,
      workersMax: 6,
      workersMayCrowd: false,
      scaleUpRps: 1500,
      scaleDownRps: 600,
      requestsMax: 2_000,
      connectionsMax: 12_000,
      databaseUrl: null,
      migrationDatabaseUrl: null,
      dataDir: resolve(import.meta.dirname, "../../.holdfast"),
      adminKey: null,
      logLevel: "info",
      trustedProxies: [],
      demo: true,
      demoPaymentFailureRate: 0,
      stripeSecretKey: null,
      stripeWebhookSecret: null,
      paymentGraceSeconds: 60,
      smtpUrl: null,
      mailFrom: "Holdfast <tickets@localhost>",
      publicUrl: null,
      publicSignup: true,
      verificationSeconds: 120,
      verificationAttempts: 3,
      signupsPer10Minutes: 10,
      hoardingHolds: 3,
      hoardingSeconds: 3_600,
      smsGateway: null,
      demoSupplierFailureRate: 0.3,
      allowPrivateAddresses: false,
    });
  });

  test("comes from the environment, and from flags, which win", () => {
    const environment = {
      PORT: "4000",
      OPS_PORT: "4001",
      HOST: "0.0.0.0",
      ROLE: "api",
      WORKERS_MIN: "2",
      WORKERS_MAX: "2",
      SCALE_UP_RPS: "20",
      SCALE_DOWN_RPS: "10",
      REQUESTS_MAX: "300",
      CONNECTIONS_MAX: "400",
      DATABASE_URL: "postgres://u:p@db/holdfast",
      MIGRATION_DATABASE_URL: "postgres://o:p@db/holdfast",
      DATA_DIR: "/srv/holdfast",
      HOLDFAST_ADMIN_KEY: "hf_admin_12345678",
      LOG_LEVEL: "warn",
      TRUSTED_PROXIES: "10.0.0.0/8, ::1",
      DEMO: "1",
      STRIPE_SECRET_KEY: "sk_test_1",
      STRIPE_WEBHOOK_SECRET: "whsec_1",
      DEMO_PAYMENT_FAILURE_RATE: "0.25",
      PAYMENT_GRACE_SECONDS: "90",
      SMTP_URL: "smtp://mail",
      MAIL_FROM: "a@example.org",
      PUBLIC_URL: "https://example.org/shop/",
      PUBLIC_SIGNUP: "1",
      VERIFICATION_SECONDS: "60",
      VERIFICATION_ATTEMPTS: "5",
      SIGNUPS_PER_10_MINUTES: "7",
      HOARDING_HOLDS: "0",
      HOARDING_SECONDS: "60",
      SMS_PROVIDER: "http",
      SMS_URL: "https://sms.example.org/",
      SMS_ACCOUNT: "AC1",
      SMS_TOKEN: "secret",
      SMS_FROM: "+14155550100",
      DEMO_SUPPLIER_FAILURE_RATE: "1",
      WEBHOOKS_ALLOW_PRIVATE: "1",
    };
    const configuration = readConfiguration(environment, [
      "--port",
      "5000",
      "--demo",
      "0",
      "--admin-key",
      "hf_admin_abcdefgh",
      "--workers-max",
      "8",
    ]);
    expect(configuration).toEqual({
      port: 5000,
      opsPort: 4001,
      host: "0.0.0.0",
      role: "api",
      workersMin: 2,
      workersMax: 8,
      workersMayCrowd: true,
      scaleUpRps: 20,
      scaleDownRps: 10,
      requestsMax: 300,
      connectionsMax: 400,
      databaseUrl: "postgres://u:p@db/holdfast",
      migrationDatabaseUrl: "postgres://o:p@db/holdfast",
      dataDir: "/srv/holdfast",
      adminKey: "hf_admin_abcdefgh",
      logLevel: "warn",
      trustedProxies: ["10.0.0.0/8", "::1"],
      demo: false,
      demoPaymentFailureRate: 0.25,
      stripeSecretKey: "sk_test_1",
      stripeWebhookSecret: "whsec_1",
      paymentGraceSeconds: 90,
      smtpUrl: "smtp://mail",
      mailFrom: "a@example.org",
      publicUrl: "https://example.org/shop",
      publicSignup: true,
      verificationSeconds: 60,
      verificationAttempts: 5,
      signupsPer10Minutes: 7,
      hoardingHolds: 0,
      hoardingSeconds: 60,
      smsGateway: { url: "https://sms.example.org", account: "AC1", token: "secret", from: "+14155550100" },
      demoSupplierFailureRate: 1,
      allowPrivateAddresses: true,
    });
  });

  test("takes a setting that is empty in the environment as one that is absent", () => {
    expect(readConfiguration({ PORT: "", DATABASE_URL: "" }, [])).toMatchObject({
      port: 3000,
      databaseUrl: null,
    });
  });

  test.each([
    [{}, true],
    [{ HOST: "localhost" }, true],
    [{ HOST: "0.0.0.0" }, false],
    [{ DATABASE_URL: "postgresql://db/x" }, false],
    [{ DATABASE_URL: "postgresql://db/x", DEMO: "1" }, true],
    [{ DEMO: "0" }, false],
  ])("is a demo only where it is safe to be one, or asked for: %j is %s", (environment, demo) => {
    expect(readConfiguration(environment, []).demo).toBe(demo);
  });

  test.each(["-1", "65536", "3000x", " 3000", "3e3", "99999999999"])("refuses the port %j", (port) => {
    expect(() => readConfiguration({ PORT: port }, [])).toThrow(ConfigurationError);
  });

  test.each([
    [
      { WORKERS_MIN: "3", WORKERS_MAX: "2" },
      "WORKERS_MIN must not be greater than WORKERS_MAX, and 3 is greater than 2.",
    ],
    [{ WORKERS_MIN: "7" }, "WORKERS_MIN must not be greater than WORKERS_MAX, and 7 is greater than 6."],
    [
      { SCALE_UP_RPS: "100", SCALE_DOWN_RPS: "100" },
      "SCALE_DOWN_RPS must be less than SCALE_UP_RPS, and 100 is not less than 100.",
    ],
    [{ PORT: "3001" }, "PORT and OPS_PORT must be two different ports, and both are 3001."],
    [{ SMS_PROVIDER: "http" }, "SMS_PROVIDER=http needs SMS_ACCOUNT, SMS_TOKEN and SMS_FROM."],
    [{ STRIPE_WEBHOOK_SECRET: "whsec_1" }, "STRIPE_WEBHOOK_SECRET is of no use without STRIPE_SECRET_KEY."],
  ])("refuses settings that contradict each other: %j", (environment, sentence) => {
    expect(() => readConfiguration(environment, [])).toThrow(new ConfigurationError(sentence));
  });

  test.each([
    ["STRIPE_SECRET_KEY", "pk_live_1"],
    ["STRIPE_SECRET_KEY", "sk_live_1\nsk_live_2"],
    ["STRIPE_WEBHOOK_SECRET", "whsec_"],
    ["PAYMENT_GRACE_SECONDS", "0"],
    ["PAYMENT_GRACE_SECONDS", "601"],
    ["SMTP_URL", "mail.example.org"],
    ["SMTP_URL", "smtp://host:port"],
    ["MAIL_FROM", "Box office"],
    ["MAIL_FROM", "a@b\r\nBcc: c@d"],
    ["PUBLIC_URL", "example.org"],
    ["PUBLIC_URL", "javascript://x"],
    ["PUBLIC_URL", "https://example.org/?a=b"],
    ["PUBLIC_URL", "https://"],
  ])("refuses %s %j", (name, value) => {
    expect(() => readConfiguration({ [name]: value }, [])).toThrow(new RegExp(`^${name} must be `));
  });

  test.each(["a@b.org", "Box office <a@b.org>", "<a@b.org>", "Täglich frisch <a@b.org>"])(
    "lets receipts come from %j",
    (from) => expect(readConfiguration({ MAIL_FROM: from }, []).mailFrom).toBe(from),
  );

  test("takes any free port for both listeners", () => {
    expect(readConfiguration({ PORT: "0", OPS_PORT: "0" }, [])).toMatchObject({ port: 0, opsPort: 0 });
  });

  test("never repeats a secret in its complaint", () => {
    const names = [
      "DATABASE_URL",
      "HOLDFAST_ADMIN_KEY",
      "SMTP_URL",
      "STRIPE_SECRET_KEY",
      "STRIPE_WEBHOOK_SECRET",
    ];
    const secrets = Object.fromEntries(names.map((name) => [name, "hunter2"]));
    for (const name of names) expect(() => readConfiguration(secrets, [])).toThrow(name);
    expect(() => readConfiguration(secrets, [])).toThrow(/^(?!.*hunter2)/s);
  });
});

test.each([
  ["127.0.0.1", true],
  ["127.8.8.8", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["127.0.0.1.example", false],
  ["192.168.0.1", false],
])("whether %s is this machine alone is %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

test.each([
  "10.0.0.0/33",
  "10.0.0.0/0",
  "999.1.1.1",
  "::1/129",
  "::1/0",
  "fe80::1%eth0",
  "proxy.example",
  "10.0.0.1/8/8",
])("a proxy that is no address is found at the start, not by every worker: %s", (proxy) => {
  expect(() => readConfiguration({ TRUSTED_PROXIES: `10.0.0.0/8, ${proxy}` }, [])).toThrow(
    /^TRUSTED_PROXIES must be addresses or networks/,
  );
});

test("an owner of the tables is of no use to the embedded server", () => {
  expect(() => readConfiguration({ MIGRATION_DATABASE_URL: "postgres://o:p@db/holdfast" }, [])).toThrow(
    "MIGRATION_DATABASE_URL is of no use without DATABASE_URL.",
  );
});
