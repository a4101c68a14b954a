import { join, resolve } from "node:path";
import { z } from "zod";
import { isNetwork, rate, senderPattern, webAddress, wholeNumber } from "./setting-values.ts";

const projectFolder = resolve(import.meta.dirname, "../..");

export interface Setting {
  readonly schema: z.ZodType;
  readonly fallback?: string;
  readonly mustBe: string;
  readonly help: string;
  /** Never repeated in a message. */
  readonly secret?: boolean;
}

/** Every setting, by the name of its environment variable. Each is also a flag: DATA_DIR is --data-dir. */
export const settings = {
  PORT: {
    schema: wholeNumber(0, 65_535),
    fallback: "3000",
    mustBe: "a port number from 0 to 65535",
    help: "port of the public listener",
  },
  OPS_PORT: {
    schema: wholeNumber(0, 65_535),
    fallback: "3001",
    mustBe: "a port number from 0 to 65535",
    help: "port of the operations listener: dashboard, metrics, health",
  },
  HOST: {
    schema: z.string().min(1).regex(/^\S+$/),
    fallback: "127.0.0.1",
    mustBe: "an address of this machine",
    help: "address that both listeners bind",
  },
  ROLE: {
    schema: z.enum(["all", "api", "jobs"]),
    fallback: "all",
    mustBe: "one of all, api, jobs",
    help: "what the workers do: serve requests, do the background work, or both",
  },
  WORKERS_MIN: {
    schema: wholeNumber(1, 64),
    fallback: "1",
    mustBe: "a whole number from 1 to 64",
    help: "how many workers there are at least",
  },
  WORKERS_MAX: {
    schema: wholeNumber(1, 64),
    fallback: "6",
    mustBe: "a whole number from 1 to 64",
    help: "how many workers there are at most; unless set, no more than cores while all cores are busy",
  },
  SCALE_UP_RPS: {
    schema: wholeNumber(1, 1_000_000),
    fallback: "1500",
    mustBe: "a whole number from 1 to 1000000",
    help: "requests per second and worker above which workers are added",
  },
  SCALE_DOWN_RPS: {
    schema: wholeNumber(1, 1_000_000),
    fallback: "600",
    mustBe: "a whole number from 1 to 1000000",
    help: "requests per second and worker below which workers are retired",
  },
  REQUESTS_MAX: {
    schema: wholeNumber(1, 100_000),
    fallback: "2000",
    mustBe: "a whole number from 1 to 100000",
    help: "requests that a worker has in work at most before it refuses new ones with 503",
  },
  CONNECTIONS_MAX: {
    schema: wholeNumber(1, 100_000),
    fallback: "12000",
    mustBe: "a whole number from 1 to 100000",
    help: "open connections that a worker has at most, live streams included",
  },
  DATABASE_URL: {
    schema: z
      .string()
      .regex(/^postgres(?:ql)?:\/\/\S+$/)
      .optional(),
    mustBe: "a URL such as postgres://user:password@host:5432/database",
    help: "PostgreSQL 15 or newer; without it an embedded server is started",
    secret: true,
  },
  MIGRATION_DATABASE_URL: {
    schema: z
      .string()
      .regex(/^postgres(?:ql)?:\/\/\S+$/)
      .optional(),
    mustBe: "a URL such as postgres://owner:password@host:5432/database",
    help: "the same database as the role that owns the tables; the one of DATABASE_URL then needs no right to change them",
    secret: true,
  },
  DATA_DIR: {
    schema: z.string().min(1),
    fallback: join(projectFolder, ".holdfast"),
    mustBe: "a folder",
    help: "where the embedded server and the admin key are kept",
  },
  HOLDFAST_ADMIN_KEY: {
    schema: z
      .string()
      .regex(/^hf_admin_[\w-]{8,200}$/)
      .optional(),
    mustBe: "hf_admin_ followed by at least 8 letters, digits, _ or -",
    help: "the first admin key; without it one is made and kept in the data directory",
    secret: true,
  },
  LOG_LEVEL: {
    schema: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]),
    fallback: "info",
    mustBe: "one of fatal, error, warn, info, debug, trace, silent",
    help: "how much is logged to stderr",
  },
  TRUSTED_PROXIES: {
    schema: z
      .string()
      .transform((text) =>
        text
          .split(",")
          .map((part) => part.trim())
          .filter((part) => part !== ""),
      )
      .refine((parts) => parts.every(isNetwork)),
    fallback: "",
    mustBe: "addresses or networks such as 10.0.0.0/8, separated by commas",
    help: "proxies whose X-Forwarded-For is believed",
  },
  DEMO: {
    schema: z.enum(["0", "1"]).optional(),
    mustBe: "0 or 1",
    help: "whether anyone gets a buyer token for a fresh guest, and may pay with play money",
  },
  DEMO_PAYMENT_FAILURE_RATE: {
    schema: rate,
    fallback: "0",
    mustBe: "a number from 0 to 1",
    help: "the part of the calls to the demo's payment provider that fail, before or after they have acted",
  },
  STRIPE_SECRET_KEY: {
    schema: z
      .string()
      .regex(/^[rs]k_(?:live|test)_\w{1,250}$/)
      .optional(),
    mustBe: "a secret or restricted key of Stripe's: sk_live_, sk_test_, rk_live_ or rk_test_ and more",
    help: "takes payments through Stripe",
    secret: true,
  },
  STRIPE_WEBHOOK_SECRET: {
    schema: z
      .string()
      .regex(/^whsec_[\w+/=]{1,250}$/)
      .optional(),
    mustBe: "the signing secret of a webhook endpoint of Stripe's: whsec_ and more",
    help: "checks what Stripe tells about payments at /v1/payment-webhooks/stripe; settles late ones sooner",
    secret: true,
  },
  PAYMENT_GRACE_SECONDS: {
    schema: wholeNumber(1, 600),
    fallback: "60",
    mustBe: "a whole number from 1 to 600",
    help: "for how long a payment that has begun keeps the tickets at least, whatever the cart's deadline",
  },
  SMTP_URL: {
    schema: z
      .string()
      .regex(/^smtps?:\/\/\S+$/)
      .refine((text) => URL.canParse(text))
      .optional(),
    mustBe: "a URL such as smtps://user:password@host:465",
    help: "mail server for receipts; without it they go to outbox/email.jsonl in the data directory",
    secret: true,
  },
  MAIL_FROM: {
    schema: z.string().max(320).regex(senderPattern),
    fallback: "Holdfast <tickets@localhost>",
    mustBe: "an address such as tickets@example.org or Box office <tickets@example.org>",
    help: "who receipts come from",
  },
  PUBLIC_SIGNUP: {
    schema: z.enum(["0", "1"]).optional(),
    mustBe: "0 or 1",
    help: "whether anyone may sign up as a customer and verify a phone, not only the shop's backend; on in demo mode",
  },
  VERIFICATION_SECONDS: {
    schema: wholeNumber(10, 3_600),
    fallback: "120",
    mustBe: "a whole number from 10 to 3600",
    help: "how long the code that verifies a phone is valid",
  },
  VERIFICATION_ATTEMPTS: {
    schema: wholeNumber(1, 10),
    fallback: "3",
    mustBe: "a whole number from 1 to 10",
    help: "how many codes may be tried until a new one has to be asked for",
  },
  SIGNUPS_PER_10_MINUTES: {
    schema: wholeNumber(1, 1_000_000),
    fallback: "10",
    mustBe: "a whole number from 1 to 1000000",
    help: "how many requests that send an SMS one client address may make in 10 minutes",
  },
  HOARDING_HOLDS: {
    schema: wholeNumber(0, 100),
    fallback: "3",
    mustBe: "a whole number from 0 to 100",
    help: "how many holds on one event a buyer may let expire within HOARDING_SECONDS until the next is refused; 0: any number",
  },
  HOARDING_SECONDS: {
    schema: wholeNumber(1, 604_800),
    fallback: "3600",
    mustBe: "a whole number from 1 to 604800",
    help: "how long an expired hold counts for HOARDING_HOLDS",
  },
  SMS_PROVIDER: {
    schema: z.enum(["demo", "http"]),
    fallback: "demo",
    mustBe: "demo or http",
    help: "how codes are sent: to outbox/sms.jsonl in the data directory, or by a gateway that speaks as Twilio does",
  },
  SMS_URL: {
    schema: webAddress,
    fallback: "https://api.twilio.com",
    mustBe: "an http or https URL without query",
    help: "where the SMS gateway is",
  },
  SMS_ACCOUNT: {
    schema: z
      .string()
      .regex(/^[\w-]{1,100}$/)
      .optional(),
    mustBe: "the gateway's name for your account: letters, digits, _ and -",
    help: "account at the SMS gateway",
  },
  SMS_TOKEN: {
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/)
      .optional(),
    mustBe: "the secret that goes with SMS_ACCOUNT",
    help: "secret of the account at the SMS gateway",
    secret: true,
  },
  SMS_FROM: {
    schema: z
      .string()
      .regex(/^(?:\+[1-9]\d{1,14}|[A-Za-z0-9 ]{1,11})$/)
      .optional(),
    mustBe: "a phone number such as +14155550100, or a name of up to 11 letters and digits",
    help: "who codes come from",
  },
  DEMO_SUPPLIER_FAILURE_RATE: {
    schema: rate,
    fallback: "0.3",
    mustBe: "a number from 0 to 1",
    help: "the part of the calls to the demo's supplier that fail, before or after they have acted",
  },
  WEBHOOKS_ALLOW_PRIVATE: {
    schema: z.enum(["0", "1"]),
    fallback: "0",
    mustBe: "0 or 1",
    help: "whether webhooks and suppliers may be on loopback, private or link-local addresses",
  },
  PUBLIC_URL: {
    schema: webAddress.optional(),
    mustBe: "an http or https URL without query, such as https://tickets.example.org",
    help: "where buyers find this shop; receipts then link to the order",
  },
} as const satisfies Record<string, Setting>;
