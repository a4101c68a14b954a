import { pino } from "pino";
import { describeError } from "./describe-error.ts";
import { createSecretMask, type SecretMask } from "./mask-secrets.ts";
import { serializeError } from "./serialize-error.ts";
import type { ReportedError } from "./worker-report.ts";

export type Log = import("pino").Logger;

export interface LogOptions {
  /** The machine and, in a worker, its number. They stand in every line. */
  readonly node?: string;
  readonly worker?: number;
  /** Is told of every warning and error, beside its line. */
  readonly onTrouble?: (trouble: ReportedError) => void;
  /** What this process knows and nobody may read. It is masked wherever it turns up. */
  readonly secrets?: readonly (string | null)[];
}

const warnLevel = 40;

/** Writes one JSON line an entry to stderr, or lines for people when that is a terminal. */
export function createLog(level: string, options: LogOptions = {}): Log {
  const { node, worker, onTrouble } = options;
  const mask = createSecretMask(options.secrets);
  const forPeople = process.stderr.isTTY === true;
  const base = {
    ...(node !== undefined && { node }),
    ...(worker !== undefined && { worker }),
  };
  const shared: import("pino").LoggerOptions = {
    level,
    base: Object.keys(base).length > 0 ? base : null,
    serializers: { err: (error: unknown) => serializeError(error) },
    hooks: {
      streamWrite: mask,
      logMethod(parts, write, levelNumber) {
        if (onTrouble !== undefined && levelNumber >= warnLevel)
          onTrouble(troubleOf(parts, levelNumber, mask));
        write.apply(this, parts);
      },
    },
  };
  if (forPeople) {
    const transport = { target: "pino-pretty", options: { destination: 2, ignore: "pid,hostname,node" } };
    return pino({ ...shared, transport });
  }
  const settings: import("pino").LoggerOptions = {
    ...shared,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }), log: nameError },
  };
  return pino(settings, pino.destination(2));
}

/** Adds what a search asks for: the kind of error and, of the database's, its code. */
function nameError(entry: Record<string, unknown>): Record<string, unknown> {
  if (!(entry["err"] instanceof Error)) return entry;
  const { type, sqlstate } = describeError(entry["err"]);
  return { ...entry, "error.type": type, ...(sqlstate !== null && { sqlstate }) };
}

function troubleOf(parts: readonly unknown[], levelNumber: number, mask: SecretMask): ReportedError {
  const [first, second] = parts;
  const entry = isRecord(first) ? first : {};
  const message = typeof first === "string" ? first : typeof second === "string" ? second : "";
  const { type, sqlstate, stack } = describeError(entry["err"]);
  return {
    at_ms: Date.now(),
    level: levelNumber >= 60 ? "fatal" : levelNumber >= 50 ? "error" : "warn",
    message: cut(mask(message), 2_000),
    error_type: type,
    sqlstate,
    request_id: textOrNull(entry["request_id"]),
    route: textOrNull(entry["route"]),
    status: typeof entry["status"] === "number" ? entry["status"] : null,
    stack: stack === null ? null : cut(mask(stack), 8_000),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? cut(value, 200) : null;
}

function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 3)}...`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
