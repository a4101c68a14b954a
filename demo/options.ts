import { join, resolve } from "node:path";
import { createEventBody } from "../api/contract/events.ts";

/** What a rehearsal is asked to do. */
export interface Options {
  readonly name: string;
  readonly capacity: number;
  readonly holdSeconds: number;
  readonly buyers: number;
  readonly ratePerSecond: number;
  readonly arrivals: ArrivalPattern;
  /** 0 to 100. */
  readonly confirmPercent: number;
  readonly seed: number;
  /** Buyers that are served at once; who comes later waits. */
  readonly atOnceMax: number;
  /** How long a buyer without a definite answer keeps asking. */
  readonly patienceMs: number;
  readonly url: URL;
  /** Null when the service is elsewhere and its operations listener is not known. */
  readonly opsUrl: URL | null;
  /** Null when it is to be read from `keyFile`. */
  readonly key: string | null;
  readonly keyFile: string;
  readonly killWorker: boolean;
  readonly json: JsonTarget;
}

export type ArrivalPattern = "poisson" | "even";

export type JsonTarget =
  | { readonly kind: "none" }
  | { readonly kind: "stdout" }
  | { readonly kind: "file"; readonly path: string };

const projectFolder = resolve(import.meta.dirname, "..");

/** What can be set: by a flag, by an environment variable, or left at its fallback. */
export interface Setting<Value> {
  readonly flag: string;
  readonly variable: string;
  readonly placeholder: string;
  readonly fallback?: string;
  readonly help: string;
  /** Completes "--flag must be ...". */
  readonly mustBe: string;
  /** Never repeated in a message. */
  readonly isSecret?: boolean;
  /** @returns undefined for text that cannot be used */
  readonly read: (text: string) => Value | undefined;
}

/** Every setting with a value. Together they are the rehearsal's configuration. */
export const settings = {
  name: {
    flag: "name",
    variable: "DEMO_NAME",
    placeholder: "TEXT",
    fallback: "Rehearsed sale",
    help: "what the event is called",
    mustBe: "1 to 200 printable characters",
    read: (text: string) => createEventBody.shape.name.safeParse(text).data,
  },
  capacity: {
    ...wholeNumber(1, 10_000_000),
    flag: "capacity",
    variable: "DEMO_CAPACITY",
    fallback: "1000",
    help: "tickets that there are",
  },
  hold: {
    ...wholeNumber(1, 86_400),
    flag: "hold",
    variable: "DEMO_HOLD",
    placeholder: "SECONDS",
    fallback: "5",
    help: "how long a hold lasts; unpaid tickets go back on sale",
  },
  buyers: {
    ...wholeNumber(1, 1_000_000),
    flag: "buyers",
    variable: "DEMO_BUYERS",
    fallback: "5000",
    help: "people who want one ticket each",
  },
  rate: {
    ...wholeNumber(1, 20_000),
    flag: "rate",
    variable: "DEMO_RATE",
    fallback: "250",
    help: "buyers who arrive in a second; they do not wait for each other",
  },
  arrivals: {
    flag: "arrivals",
    variable: "DEMO_ARRIVALS",
    placeholder: "HOW",
    fallback: "poisson",
    help: "poisson as in life, or even",
    mustBe: "poisson or even",
    read: (text: string): ArrivalPattern | undefined =>
      text === "poisson" || text === "even" ? text : undefined,
  },
  confirm: {
    ...wholeNumber(0, 100),
    flag: "confirm",
    variable: "DEMO_CONFIRM",
    placeholder: "PERCENT",
    fallback: "90",
    help: "holders who pay; the others let their hold end",
  },
  seed: {
    ...wholeNumber(0, 999_999_999),
    flag: "seed",
    variable: "DEMO_SEED",
    help: "repeats a rehearsal's arrivals and decisions",
  },
  atOnce: {
    ...wholeNumber(1, 10_000),
    flag: "at-once",
    variable: "DEMO_AT_ONCE",
    fallback: "1000",
    help: "buyers served at once; later ones are delayed, and counted",
  },
  patience: {
    ...wholeNumber(1, 600),
    flag: "patience",
    variable: "DEMO_PATIENCE",
    placeholder: "SECONDS",
    fallback: "60",
    help: "how long a buyer asks again while there is no definite answer",
  },
  url: {
    ...address(),
    flag: "url",
    variable: "DEMO_URL",
    fallback: "http://127.0.0.1:3000",
    help: "the service",
  },
  opsUrl: {
    ...address(),
    flag: "ops-url",
    variable: "DEMO_OPS_URL",
    fallback: "http://127.0.0.1:3001",
    help: "its operations listener, with the dashboard",
  },
  key: {
    flag: "key",
    variable: "HOLDFAST_ADMIN_KEY",
    placeholder: "KEY",
    help: "an admin key; without it, the one in DATA_DIR/admin-key",
    mustBe: "an API key, such as the admin key that the service shows when it starts",
    isSecret: true,
    read: (text: string) => (/^[\x21-\x7e]{1,300}$/.test(text) ? text : undefined),
  },
  dataDir: {
    flag: "data-dir",
    variable: "DATA_DIR",
    placeholder: "FOLDER",
    fallback: join(projectFolder, ".holdfast"),
    help: "where the service keeps its admin key",
    mustBe: "a folder",
    read: (text: string) => (text === "" || text.includes("\0") ? undefined : text),
  },
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof settings;

function wholeNumber(minimum: number, maximum: number) {
  return {
    placeholder: "N",
    mustBe: `a whole number from ${minimum} to ${maximum}`,
    read: (text: string): number | undefined => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= minimum && value <= maximum ? value : undefined;
    },
  };
}

function address() {
  return {
    placeholder: "URL",
    mustBe: "a URL such as http://127.0.0.1:3000, without a user, a query or a fragment",
    read: (text: string): URL | undefined => {
      if (!URL.canParse(text)) return undefined;
      const url = new URL(text);
      const isPlain = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
      return isPlain && /^https?:$/.test(url.protocol) ? url : undefined;
    },
  };
}
