import { join, resolve } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { z } from "zod";

/** A setting that cannot be used. The message has one sentence for each. */
export class ConfigurationError extends Error {}

/** The help was asked for and has been shown; there is nothing to start. */
export class HelpShown extends Error {}

const projectFolder = resolve(import.meta.dirname, "../..");

const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum);

/** An IPv4 or IPv6 address, with or without the size of its network. */
const proxyPattern = /^(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f:]*:[0-9a-f:.]+)(?:\/\d{1,3})?$/i;

interface Setting {
  readonly schema: z.ZodType;
  readonly fallback?: string;
  readonly mustBe: string;
  readonly help: string;
  /** Never repeated in a message. */
  readonly secret?: boolean;
}

/** Every setting, by the name of its environment variable. Each is also a flag: DATA_DIR is --data-dir. */
const settings = {
  PORT: {
    schema: wholeNumber(0, 65_535),
    fallback: "3000",
    mustBe: "a port number from 0 to 65535",
    help: "port of the public listener",
  },
  HOST: {
    schema: z.string().min(1).regex(/^\S+$/),
    fallback: "127.0.0.1",
    mustBe: "an address of this machine",
    help: "address that the listener binds",
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
      .refine((parts) => parts.every((part) => proxyPattern.test(part))),
    fallback: "",
    mustBe: "addresses or networks such as 10.0.0.0/8, separated by commas",
    help: "proxies whose X-Forwarded-For is believed",
  },
  DEMO: {
    schema: z.enum(["0", "1"]).optional(),
    mustBe: "0 or 1",
    help: "whether anyone gets a buyer token for a fresh guest",
  },
} as const satisfies Record<string, Setting>;

type SettingName = keyof typeof settings;

export interface Configuration {
  readonly port: number;
  readonly host: string;
  /** Null starts the embedded server. */
  readonly databaseUrl: string | null;
  /** An absolute path. */
  readonly dataDir: string;
  readonly adminKey: string | null;
  readonly logLevel: string;
  readonly trustedProxies: readonly string[];
  readonly demo: boolean;
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
  const port = read("PORT");
  const host = read("HOST");
  const databaseUrl = read("DATABASE_URL");
  const dataDir = read("DATA_DIR");
  const adminKey = read("HOLDFAST_ADMIN_KEY");
  const logLevel = read("LOG_LEVEL");
  const trustedProxies = read("TRUSTED_PROXIES");
  const demo = read("DEMO");
  if (
    port === undefined ||
    host === undefined ||
    dataDir === undefined ||
    logLevel === undefined ||
    complaints.length > 0
  ) {
    throw new ConfigurationError(complaints.join("\n"));
  }
  return {
    port,
    host,
    databaseUrl: databaseUrl ?? null,
    dataDir: resolve(dataDir),
    adminKey: adminKey ?? null,
    logLevel,
    trustedProxies: trustedProxies ?? [],
    // With nothing configured, this is somebody trying the service out on their own machine.
    demo: demo === undefined ? databaseUrl === undefined && isLoopback(host) : demo === "1",
  };
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
