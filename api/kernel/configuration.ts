import { resolve } from "node:path";
import { Command, CommanderError, Option } from "commander";
import type { z } from "zod";
import { type Setting, settings } from "./settings.ts";

/** A setting that cannot be used. The message has one sentence for each. */
export class ConfigurationError extends Error {}

/** The help was asked for and has been shown; there is nothing to start. */
export class HelpShown extends Error {}

type SettingName = keyof typeof settings;

/** What the workers of a machine do. */
type Role = "all" | "api" | "jobs";

/** A gateway that sends text messages when asked as Twilio is. */
interface SmsGateway {
  /** Without a slash at its end. */
  readonly url: string;
  readonly account: string;
  readonly token: string;
  /** A phone number or a name. */
  readonly from: string;
}

export interface Configuration {
  readonly port: number;
  readonly opsPort: number;
  readonly host: string;
  readonly role: Role;
  readonly workersMin: number;
  readonly workersMax: number;
  /** Whether more workers than cores are wanted even when all cores are busy: the operator named a number. */
  readonly workersMayCrowd: boolean;
  /** Requests per second and worker above which workers are added. */
  readonly scaleUpRps: number;
  /** Requests per second and worker below which workers are retired. */
  readonly scaleDownRps: number;
  /** Requests that a worker has in work before it refuses new ones. */
  readonly requestsMax: number;
  /** Open connections of a worker. */
  readonly connectionsMax: number;
  /** Null starts the embedded server. */
  readonly databaseUrl: string | null;
  /** How the owner of the tables connects, where that is another role. */
  readonly migrationDatabaseUrl: string | null;
  /** An absolute path. */
  readonly dataDir: string;
  readonly adminKey: string | null;
  readonly logLevel: string;
  readonly trustedProxies: readonly string[];
  /** Anyone gets a token for a fresh guest, and tickets may be had for play money. */
  readonly demo: boolean;
  /** The part of the calls to the demo's payment provider that fail, 0 to 1. */
  readonly demoPaymentFailureRate: number;
  /** Null: no payments through Stripe. */
  readonly stripeSecretKey: string | null;
  /** Null: what claims to come from Stripe is not listened to. */
  readonly stripeWebhookSecret: string | null;
  readonly paymentGraceSeconds: number;
  /** Null: messages go to the outbox in the data directory. */
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  /** Where buyers find this shop, without a slash at its end. Null: receipts carry no link. */
  readonly publicUrl: string | null;
  /** Anyone may sign up as a customer. */
  readonly publicSignup: boolean;
  readonly verificationSeconds: number;
  readonly verificationAttempts: number;
  /** Requests that send an SMS, for each address. */
  readonly signupsPer10Minutes: number;
  /** How many holds on one event a buyer may let expire in `hoardingSeconds`; 0 for any number. */
  readonly hoardingHolds: number;
  readonly hoardingSeconds: number;
  /** Null: codes go to the outbox in the data directory. */
  readonly smsGateway: SmsGateway | null;
  /** The part of the calls to the demo's supplier that fail, 0 to 1. */
  readonly demoSupplierFailureRate: number;
  /** Webhooks and suppliers may be on loopback, private or link-local addresses. */
  readonly allowPrivateAddresses: boolean;
}

/**
 * Reads the configuration from the environment and from flags, which win.
 *
 * @throws ConfigurationError for a value that is malformed or a flag that is unknown
 * @throws HelpShown after --help
 */
export function readConfiguration(environment: NodeJS.ProcessEnv, flags: readonly string[]): Configuration {
  const given = readFlags(environment, flags);
  const complaints: string[] = [];
  const read = <Name extends SettingName>(
    name: Name,
  ): z.infer<(typeof settings)[Name]["schema"]> | undefined => {
    const setting: Setting = settings[name];
    const result = setting.schema.safeParse(given[name] ?? setting.fallback);
    if (result.success) return result.data as z.infer<(typeof settings)[Name]["schema"]>;
    const was = setting.secret === true ? "" : `, not "${given[name] ?? ""}"`;
    complaints.push(`${name} must be ${setting.mustBe}${was}.`);
    return undefined;
  };
  const values = {
    port: read("PORT"),
    opsPort: read("OPS_PORT"),
    host: read("HOST"),
    role: read("ROLE"),
    workersMin: read("WORKERS_MIN"),
    workersMax: read("WORKERS_MAX"),
    workersMayCrowd: given.WORKERS_MAX !== undefined,
    scaleUpRps: read("SCALE_UP_RPS"),
    scaleDownRps: read("SCALE_DOWN_RPS"),
    requestsMax: read("REQUESTS_MAX"),
    connectionsMax: read("CONNECTIONS_MAX"),
    databaseUrl: read("DATABASE_URL") ?? null,
    migrationDatabaseUrl: read("MIGRATION_DATABASE_URL") ?? null,
    dataDir: read("DATA_DIR"),
    adminKey: read("HOLDFAST_ADMIN_KEY") ?? null,
    logLevel: read("LOG_LEVEL"),
    trustedProxies: read("TRUSTED_PROXIES"),
    demo: read("DEMO") ?? null,
    demoPaymentFailureRate: read("DEMO_PAYMENT_FAILURE_RATE"),
    stripeSecretKey: read("STRIPE_SECRET_KEY") ?? null,
    stripeWebhookSecret: read("STRIPE_WEBHOOK_SECRET") ?? null,
    paymentGraceSeconds: read("PAYMENT_GRACE_SECONDS"),
    smtpUrl: read("SMTP_URL") ?? null,
    mailFrom: read("MAIL_FROM"),
    publicUrl: read("PUBLIC_URL") ?? null,
    publicSignup: read("PUBLIC_SIGNUP") ?? null,
    verificationSeconds: read("VERIFICATION_SECONDS"),
    verificationAttempts: read("VERIFICATION_ATTEMPTS"),
    signupsPer10Minutes: read("SIGNUPS_PER_10_MINUTES"),
    hoardingHolds: read("HOARDING_HOLDS"),
    hoardingSeconds: read("HOARDING_SECONDS"),
    smsProvider: read("SMS_PROVIDER"),
    smsUrl: read("SMS_URL"),
    smsAccount: read("SMS_ACCOUNT") ?? null,
    smsToken: read("SMS_TOKEN") ?? null,
    smsFrom: read("SMS_FROM") ?? null,
    demoSupplierFailureRate: read("DEMO_SUPPLIER_FAILURE_RATE"),
    webhooksAllowPrivate: read("WEBHOOKS_ALLOW_PRIVATE"),
  };
  if (!isComplete(values)) throw new ConfigurationError(complaints.join("\n"));
  complainAboutPairs(values, complaints);
  const smsGateway = smsGatewayOf(values, complaints);
  if (complaints.length > 0) throw new ConfigurationError(complaints.join("\n"));
  const { smsProvider: _1, smsUrl: _2, smsAccount: _3, smsToken: _4, smsFrom: _5, ...others } = values;
  const { webhooksAllowPrivate, ...rest } = others;
  const { databaseUrl, host, publicSignup } = rest;
  // With nothing configured, this is somebody trying the service out on their own machine.
  const demo = rest.demo === null ? databaseUrl === null && isLoopback(host) : rest.demo === "1";
  return {
    ...rest,
    dataDir: resolve(rest.dataDir),
    demo,
    publicSignup: publicSignup === null ? demo : publicSignup === "1",
    smsGateway,
    allowPrivateAddresses: webhooksAllowPrivate === "1",
  };
}

type Complete<Values> = { readonly [Key in keyof Values]: Exclude<Values[Key], undefined> };

function isComplete<Values extends object>(values: Values): values is Values & Complete<Values> {
  return Object.values(values).every((value) => value !== undefined);
}

/** Settings that are valid alone and contradict each other. */
function complainAboutPairs(
  values: Pick<
    Configuration,
    | "port"
    | "opsPort"
    | "workersMin"
    | "workersMax"
    | "scaleUpRps"
    | "scaleDownRps"
    | "stripeSecretKey"
    | "stripeWebhookSecret"
    | "databaseUrl"
    | "migrationDatabaseUrl"
  >,
  complaints: string[],
): void {
  const { port, opsPort, workersMin, workersMax, scaleUpRps, scaleDownRps } = values;
  if (workersMin > workersMax)
    complaints.push(
      `WORKERS_MIN must not be greater than WORKERS_MAX, and ${workersMin} is greater than ${workersMax}.`,
    );
  if (scaleDownRps >= scaleUpRps)
    complaints.push(
      `SCALE_DOWN_RPS must be less than SCALE_UP_RPS, and ${scaleDownRps} is not less than ${scaleUpRps}.`,
    );
  if (port === opsPort && port !== 0)
    complaints.push(`PORT and OPS_PORT must be two different ports, and both are ${port}.`);
  if (values.stripeWebhookSecret !== null && values.stripeSecretKey === null)
    complaints.push("STRIPE_WEBHOOK_SECRET is of no use without STRIPE_SECRET_KEY.");
  if (values.migrationDatabaseUrl !== null && values.databaseUrl === null)
    complaints.push("MIGRATION_DATABASE_URL is of no use without DATABASE_URL.");
}

/** The gateway that the settings name together; null where codes go to the outbox. */
function smsGatewayOf(
  {
    smsProvider,
    smsUrl: url,
    smsAccount: account,
    smsToken: token,
    smsFrom: from,
  }: {
    readonly smsProvider: "demo" | "http";
    readonly smsUrl: string;
    readonly smsAccount: string | null;
    readonly smsToken: string | null;
    readonly smsFrom: string | null;
  },
  complaints: string[],
): SmsGateway | null {
  if (smsProvider === "demo") return null;
  if (account === null || token === null || from === null) {
    complaints.push("SMS_PROVIDER=http needs SMS_ACCOUNT, SMS_TOKEN and SMS_FROM.");
    return null;
  }
  return { url, account, token, from };
}

/** Whether an address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function readFlags(
  environment: NodeJS.ProcessEnv,
  flags: readonly string[],
): Partial<Record<SettingName, string>> {
  const command = new Command("holdfast")
    .usage("[options]")
    .description("Sells exactly N tickets, one per person, whatever crashes.")
    .addHelpText("beforeAll", examples)
    .addHelpText(
      "after",
      "\nEach option is also an environment variable: --data-dir is DATA_DIR. Options win.",
    )
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting][]) {
    const fallback =
      setting.fallback === undefined || setting.fallback === "" ? "" : ` (default ${setting.fallback})`;
    command.addOption(new Option(`--${flagOf(name)} <value>`, setting.help + fallback));
  }
  try {
    command.parse(flags, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") throw new HelpShown();
    throw new ConfigurationError(
      error.message
        .replace(/^error: /, "")
        .replace(/\n\(/, " (")
        .replace(/([^.)?])$/, "$1."),
    );
  }
  const options: Record<string, unknown> = command.opts();
  const given: Partial<Record<SettingName, string>> = {};
  for (const name of Object.keys(settings) as SettingName[]) {
    const value =
      options[camelCase(flagOf(name))] ?? (environment[name] === "" ? undefined : environment[name]);
    if (typeof value === "string") given[name] = value;
  }
  return given;
}

const examples = `Examples:
  npm start                                    everything, on an embedded PostgreSQL
  PORT=8080 npm start                          on another port
  npm start -- --database-url postgres://...   on a PostgreSQL of yours
`;

function flagOf(name: string): string {
  return name.toLowerCase().replace("holdfast_", "").replaceAll("_", "-");
}

function camelCase(flag: string): string {
  return flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
