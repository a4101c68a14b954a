import type { ProblemCode } from "../../api/contract/problems.ts";
import { HoldfastError, UnreachableError } from "./holdfast-error.ts";
import type { Problem } from "./operation-types.ts";
import { mayPass, type Patience, pause, waitBeforeTryMs } from "./retry-policy.ts";

/** What is told before a request is sent again. */
export interface Retry {
  /** How often it has been sent so far. */
  readonly tries: number;
  readonly waitMs: number;
  /** Why it is sent again. */
  readonly error: HoldfastError | UnreachableError;
}

/** What can be said about a single call. */
export interface CallOptions {
  /** Stops the call, its waits included; it then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told each time before the request is sent again. */
  readonly onRetry?: ((retry: Retry) => void) | undefined;
}

/** What can be said about a call that makes or changes something by POST. */
export interface PostOptions extends CallOptions {
  /** Stands for this one request: a random one unless it is given. Give one to go on with a call after a restart. */
  readonly idempotencyKey?: string | undefined;
}

/** Where requests go, and how. */
export interface Connection extends Patience {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  /** The key or token that a call is made with; null for none. */
  readonly readToken: () => string | null | Promise<string | null>;
}

/** One request, before it is known how often it has to be sent. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Begins with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: object | undefined;
  /** What a repeated request is told when the first one had its effect and its answer was lost. */
  readonly doneCode?: ProblemCode;
}

/**
 * Sends a request until its answer is final, always the very same one: a POST keeps its key, and the others can be
 * repeated by what they are.
 *
 * @returns the parsed answer; undefined for one without a body
 * @throws HoldfastError when the service refuses, UnreachableError when it does not answer, and the signal's reason
 */
export async function sendRequest(
  connection: Connection,
  request: Request,
  options: PostOptions,
): Promise<unknown> {
  const { signal, onRetry } = options;
  const key = request.method === "POST" ? (options.idempotencyKey ?? makeKey()) : null;
  const deadlineMs = performance.now() + connection.patienceMs;
  let mayBeDone = false;
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted();
    try {
      const tryMs = Math.ceil(Math.max(1, Math.min(connection.tryMs, deadlineMs - performance.now())));
      return await sendOnce(connection, request, key, AbortSignal.timeout(tryMs), signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (mayBeDone && error instanceof HoldfastError && error.code === request.doneCode) return undefined;
      if (!mayPass(error)) throw error;
      const waitMs = waitBeforeTryMs(tries, error, Math.random);
      if (tries >= connection.triesMax || performance.now() + waitMs >= deadlineMs) throw error;
      mayBeDone = true;
      onRetry?.({ tries, waitMs, error });
      await pause(waitMs, signal);
    }
  }
}

async function sendOnce(
  { baseUrl, fetch, readToken }: Connection,
  { method, path, query, body }: Request,
  key: string | null,
  limit: AbortSignal,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const token = await readToken();
  const headers: Record<string, string> = { accept: "application/json" };
  if (token !== null) headers["authorization"] = `Bearer ${token}`;
  if (key !== null) headers["idempotency-key"] = key;
  if (body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${baseUrl}${path}${describeQuery(query)}`, {
      method,
      headers,
      cache: "no-store",
      credentials: "omit",
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (error) {
    throw new UnreachableError(key, error);
  }
  const document = parseJson(text);
  if (response.ok && response.status === 204) return undefined;
  if (response.ok && document !== undefined) return document;
  throw refusalOf(response, document);
}

function refusalOf({ status, headers }: Response, document: unknown): HoldfastError {
  const problem = isProblem(document) ? document : null;
  const seconds = headers.get("retry-after");
  return new HoldfastError({
    status,
    problem,
    requestId: problem?.request_id ?? headers.get("x-request-id"),
    // The service gives seconds; a date, which a proxy may give, is as good as no wish.
    retryAfterSeconds: seconds !== null && /^\d{1,6}$/.test(seconds) ? Number(seconds) : null,
  });
}

function isProblem(document: unknown): document is Problem {
  if (typeof document !== "object" || document === null) return false;
  return "code" in document && typeof document.code === "string" && "detail" in document;
}

function describeQuery(query: Readonly<Record<string, unknown>> | undefined): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** 128 random bits. `crypto.randomUUID` is missing on pages that come over plain HTTP, and these bits are not. */
function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
