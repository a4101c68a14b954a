import { readAccessKey } from "./access-key.ts";

const answerMaxMs = 8_000;

/** Why a request brought nothing: no answer at all, or an answer that refuses. */
type FailureKind = "unreachable" | "slow" | "unauthorized" | "forbidden" | "refused";

/** A request that failed. The message is a sentence for people. */
class RequestFailure extends Error {
  readonly kind: FailureKind;
  readonly status: number | null;
  readonly requestId: string | null;

  constructor(
    kind: FailureKind,
    message: string,
    status: number | null = null,
    requestId: string | null = null,
  ) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.requestId = requestId;
  }
}

/**
 * Asks the operations listener, with the key if there is one.
 *
 * @returns the reply's JSON, undefined for an empty one; the listener that serves this page also defines it, so it is not parsed a second time
 * @throws RequestFailure when there is no answer within 8 seconds, or one that refuses
 */
export async function requestJson<Reply>(
  path: string,
  { method = "GET", body, signal }: { method?: "GET" | "POST"; body?: unknown; signal?: AbortSignal } = {},
): Promise<Reply> {
  const timeout = AbortSignal.timeout(answerMaxMs);
  const signals = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      headers: headersFor(body),
      signal: signals,
      cache: "no-store",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    if (timeout.aborted) throw new RequestFailure("slow", `No answer within ${answerMaxMs / 1000} s.`);
    throw new RequestFailure("unreachable", "The operations listener cannot be reached.");
  }
  const reply = parse(text);
  if (!response.ok) throw refusal(response.status, reply);
  // A change that was made is answered without a body.
  if (reply === undefined && text !== "")
    throw new RequestFailure("refused", "The answer is not JSON.", response.status);
  return reply as Reply;
}

function headersFor(body: unknown): Record<string, string> {
  const key = readAccessKey();
  return {
    accept: "application/json",
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function refusal(status: number, reply: unknown): RequestFailure {
  const told = (member: string): string | null => {
    if (typeof reply !== "object" || reply === null || !(member in reply)) return null;
    const value = (reply as Record<string, unknown>)[member];
    return typeof value === "string" ? value : null;
  };
  const message = told("detail") ?? told("title") ?? `The answer was ${status}.`;
  const kind = status === 401 ? "unauthorized" : status === 403 ? "forbidden" : "refused";
  return new RequestFailure(kind, message, status, told("request_id"));
}

/** What a failure means for the reader; anything else is a fault of this page. */
export function explain(error: unknown): string {
  return error instanceof Error ? error.message : "Something unexpected went wrong in this page.";
}

/** Whether a failure says that a key is needed, or that the one in use is not valid. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof RequestFailure && error.kind === "unauthorized";
}

/** Whether a failure says that this key may not do that. */
export function isForbidden(error: unknown): boolean {
  return error instanceof RequestFailure && error.kind === "forbidden";
}

/** Whether a failure is a refusal after which nothing has changed; without an answer, or after a fault, who knows. */
export function isWithoutEffect(error: unknown): boolean {
  return (
    error instanceof RequestFailure && error.status !== null && error.status >= 400 && error.status < 500
  );
}

/** Whether nothing came back at all. */
export function isWithoutAnswer(error: unknown): boolean {
  return error instanceof RequestFailure && (error.kind === "unreachable" || error.kind === "slow");
}
