import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** What a supervisor tells the workers that it starts, as JSON in one variable of their environment. */
export const workerSettings = z.strictObject({
  /** The machine's name. */
  node: z.string(),
  role: z.enum(["all", "api", "jobs"]),
  host: z.string(),
  /** Of the public listener; 0 where there is none. */
  port: z.int().min(0).max(65_535),
  /** Holds the built storefront. */
  storefrontFolder: z.string(),
  connectionString: z.string(),
  /** The job queue's own statements, learned once for all workers. */
  jobStatementTexts: z.record(z.string(), z.strictObject({ insert: z.string(), remove: z.string() })),
  demo: z.boolean(),
  logLevel: z.string(),
  trustedProxies: z.array(z.string()),
  /** An absolute path. */
  dataDir: z.string(),
  demoPaymentFailureRate: z.number().min(0).max(1),
  stripeSecretKey: z.string().nullable(),
  stripeWebhookSecret: z.string().nullable(),
  paymentGraceSeconds: z.int().min(1),
  smtpUrl: z.string().nullable(),
  mailFrom: z.string(),
  publicUrl: z.string().nullable(),
  publicSignup: z.boolean(),
  verificationSeconds: z.int().min(1),
  verificationAttempts: z.int().min(1).max(10),
  signupsPer10Minutes: z.int().min(1),
  /** 0 for any number. */
  hoardingHolds: z.int().min(0),
  hoardingSeconds: z.int().min(1),
  smsGateway: z
    .strictObject({ url: z.string(), account: z.string(), token: z.string(), from: z.string() })
    .nullable(),
  demoSupplierFailureRate: z.number().min(0).max(1),
  allowPrivateAddresses: z.boolean(),
  /** What a worker takes on at once. */
  admission: z.strictObject({ requestsMax: z.int().min(1), connectionsMax: z.int().min(1) }),
});

export type WorkerSettings = z.infer<typeof workerSettings>;

/** The variable that carries the settings. */
export const workerSettingsVariable = "HOLDFAST_WORKER_SETTINGS";

/** How this shop takes money and tells its buyers. */
export type ShopSettings = Pick<
  WorkerSettings,
  | "dataDir"
  | "demoPaymentFailureRate"
  | "stripeSecretKey"
  | "stripeWebhookSecret"
  | "paymentGraceSeconds"
  | "smtpUrl"
  | "mailFrom"
  | "publicUrl"
  | "publicSignup"
  | "verificationSeconds"
  | "verificationAttempts"
  | "hoardingHolds"
  | "hoardingSeconds"
  | "smsGateway"
  | "demoSupplierFailureRate"
  | "allowPrivateAddresses"
>;

/** For services that are started without settings: no money but play money, and receipts to a file. */
export const shopDefaults: ShopSettings = {
  dataDir: join(tmpdir(), "holdfast"),
  demoPaymentFailureRate: 0,
  stripeSecretKey: null,
  stripeWebhookSecret: null,
  paymentGraceSeconds: 60,
  smtpUrl: null,
  mailFrom: "Holdfast <tickets@localhost>",
  publicUrl: null,
  publicSignup: false,
  verificationSeconds: 120,
  verificationAttempts: 3,
  hoardingHolds: 3,
  hoardingSeconds: 3_600,
  smsGateway: null,
  demoSupplierFailureRate: 0,
  allowPrivateAddresses: false,
};
