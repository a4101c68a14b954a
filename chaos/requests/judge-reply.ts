import { problemsOf } from "../../api/contract/describe-problems.ts";
import { type Operation, type OperationName, operations } from "../../api/contract/operations.ts";
import { type ProblemCode, problems } from "../../api/contract/problems.ts";
import { findChangedTerm } from "./compare-terms.ts";
import { findLeak } from "./find-leak.ts";
import { type OperationsCall, type OperationsCallName, operationsCalls } from "./operations-calls.ts";
import type { Reply } from "./parse-reply.ts";
import type { Credential, Listener } from "./plan.ts";
import type { ReplySchemas } from "./reply-schemas.ts";

/** What was sent, as far as the answer has to do with it. */
export interface Sent {
  readonly listener: Listener;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string | null;
  readonly credential: Credential["kind"];
  /** Whether it says, as a browser would, which page it is for. */
  readonly namesPage: boolean;
}

/** What a request turned out to be. */
export type Called =
  | { readonly kind: "operation"; readonly name: OperationName; readonly operation: Operation }
  | { readonly kind: "operations call"; readonly name: OperationsCallName; readonly call: OperationsCall }
  | { readonly kind: "other" };

const jsonType = "application/json; charset=utf-8";
const problemType = "application/problem+json; charset=utf-8";
/** What stands before any call. */
const anywhere: readonly ProblemCode[] = ["malformed_request", "headers_too_large", "request_timeout"];
const nowhere: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "not_found",
  "method_not_allowed",
  "forbidden",
  "database_unavailable",
  "not_ready",
]);
const ofOperations: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "not_found",
  "forbidden",
  "unauthorized",
  "validation_failed",
  "unsupported_media_type",
  "body_too_large",
  "database_unavailable",
]);

/** Replies of these calls show a secret, once; nothing else does. */
const givers: ReadonlySet<string> = new Set([
  "create_api_key",
  "create_buyer_token",
  "verify_customer",
  "create_webhook_endpoint",
  "rotate_webhook_secret",
]);

/** Holds every answer against the contract. */
export class Judge {
  readonly #schemas: ReplySchemas;
  readonly #allowed = new Map<OperationName, ReadonlySet<ProblemCode>>();

  constructor(schemas: ReplySchemas) {
    this.#schemas = schemas;
    for (const [name, operation] of entriesOf(operations) as [OperationName, Operation][])
      this.#allowed.set(
        name,
        new Set([
          ...problemsOf(operation),
          ...(operation.missing === undefined ? [] : [operation.missing]),
          ...anywhere,
        ]),
      );
  }

  /** @returns what is wrong, in one sentence; null for nothing */
  judge(sent: Sent, reply: Reply): string | null {
    const called = calledBy(sent);
    return (
      this.#judgeForm(called, sent, reply) ??
      (reply.status < 400
        ? this.#judgeSuccess(called, sent, reply)
        : this.#judgeProblem(called, sent, reply)) ??
      this.#judgeGrant(called, sent, reply)
    );
  }

  /** What holds for every answer, whatever was asked. */
  #judgeForm(called: Called, sent: Sent, { status, headers, body }: Reply): string | null {
    if (status >= 500 && status !== 503) return `It answered ${status}, which is never right.`;
    for (const name of ["set-cookie", "x-powered-by", "server", "access-control-allow-origin"])
      if (headers.has(name)) return `It carries the header ${name}: ${headers.get(name) ?? ""}.`;
    if (!headers.has("x-request-id")) return "It has no X-Request-Id.";
    if (
      status !== 408 &&
      headers.get("x-content-type-options") !== "nosniff" &&
      !isUnparsed({ status, headers })
    )
      return "It does not say nosniff.";
    const name = called.kind === "other" ? "" : called.name;
    const tellsStacks = sent.listener === "operations" && name === "errors";
    // The reference shows what secrets look like, by made-up ones.
    const mayGiveSecrets = givers.has(name) || sent.path.startsWith("/openapi.json");
    const leak = findLeak(body, { mayGiveSecrets, mayTellStacks: tellsStacks });
    return leak === null ? null : `Its body shows ${leak}.`;
  }

  #judgeSuccess(called: Called, { method }: Sent, reply: Reply): string | null {
    const { status, headers, body } = reply;
    if (called.kind === "other") return judgePage(method, reply);
    const isText = called.kind === "operations call" && called.call.isText === true;
    const [wanted, hasBody] =
      called.kind === "operation"
        ? [called.operation.reply.status, called.operation.reply.schema !== null]
        : [called.call.reply === null && !isText ? 204 : 200, called.call.reply !== null];
    if (status !== wanted) return `It answered ${status} where the contract says ${wanted}.`;
    if (method === "HEAD" || isText) return body === "" || isText ? null : "The answer to HEAD has a body.";
    if (!hasBody)
      return body === "" && !headers.has("content-type") ? null : "It has a body where there is none.";
    if (called.kind === "operation" && called.operation.isStream === true) return this.#judgeStream(reply);
    if (headers.get("content-type") !== jsonType)
      return `Its content type is ${headers.get("content-type") ?? "missing"}.`;
    const value = parseJson(body);
    if (value === undefined) return "Its body is no JSON.";
    if (called.kind === "operation") return tell(this.#schemas.replyOf(called.name)?.(value) ?? null);
    const result = called.call.reply?.safeParse(value);
    return result?.success === false ? tell(result.error.message) : null;
  }

  #judgeStream({ headers, body }: Reply): string | null {
    const type = headers.get("content-type") ?? "missing";
    if (!/^text\/event-stream(?:;|$)/.test(type)) return `Its content type is ${type}.`;
    const messages = [...body.matchAll(/^data: (.*)$/gm)].map(([, text = ""]) => parseJson(text));
    if (messages.length === 0) return "The stream told nothing.";
    return (
      messages.map((message) => tell(this.#schemas.stockMessage(message))).find((wrong) => wrong !== null) ??
      null
    );
  }

  #judgeProblem(called: Called, { method }: Sent, { status, headers, body }: Reply): string | null {
    if (headers.get("content-type") !== problemType)
      // In its long form, readiness is told in lines.
      return called.kind === "other" && status === 503
        ? null
        : `The refusal's content type is ${headers.get("content-type") ?? "missing"}.`;
    if (status === 405 && !headers.has("allow")) return "It does not say which methods are allowed.";
    if (status === 401 && !headers.has("www-authenticate")) return "It does not say how to authenticate.";
    if (method === "HEAD") return body === "" ? null : "The answer to HEAD has a body.";
    const value = parseJson(body);
    const wrong = tell(this.#schemas.problem(value));
    if (wrong !== null) return wrong;
    const problem = value as {
      code: ProblemCode;
      status: number;
      title: string;
      type: string;
      request_id: string;
    };
    const { code } = problem;
    if (problems[code].status !== status || problem.status !== status)
      return `${code} is told with the status ${status}.`;
    if (problem.title !== problems[code].title || problem.type !== `/problems/${code}`)
      return `${code} has another title or type.`;
    if (!this.#mayRefuse(called, code)) return `The contract of this call does not name ${code}.`;
    const passes = status === 429 || status === 503 || code === "idempotency_in_progress";
    if (passes && !/^[1-9]\d*$/.test(headers.get("retry-after") ?? "")) return "It lacks Retry-After.";
    const isReplay = headers.get("idempotent-replayed") === "true";
    return isReplay || problem.request_id === headers.get("x-request-id") ? null : "Its request ids differ.";
  }

  #mayRefuse(called: Called, code: ProblemCode): boolean {
    if (anywhere.includes(code)) return true;
    switch (called.kind) {
      case "operation":
        return this.#allowed.get(called.name)?.has(code) ?? false;
      case "operations call":
        return ofOperations.has(code) || called.call.problems.includes(code);
      case "other":
        return nowhere.has(code);
    }
  }

  /** Nobody is let in, and nothing is taken, that the contract turns away. */
  #judgeGrant(called: Called, { credential, body, namesPage }: Sent, reply: Reply): string | null {
    const { status } = reply;
    if (called.kind !== "operation" || called.operation.isSigned === true) return null;
    // A foreign page is refused before anybody looks at who asks.
    const isForeign = namesPage && status === 403;
    if (credential === "bad" && !isForeign && ![400, 401, 408, 431, 503].includes(status))
      return "It did not refuse a credential that is not valid.";
    if (status >= 400 || called.operation.body === undefined) return null;
    if (credential === "none" && !called.operation.access.some((who) => who === "anyone" || who === "signup"))
      return "It served a stranger.";
    const value = body === null || body === "" ? {} : parseJson(body);
    if (value === undefined) return "It took a body that is no JSON.";
    const check = this.#schemas.bodyOf(called.name);
    const wrong = check === null ? (isEmptyObject(value) ? null : "it has members") : check(value);
    if (wrong !== null) return `It took a body that the contract does not allow: ${wrong}.`;
    const changed = findChangedTerm(called.name, value, parseJson(reply.body));
    return changed === null ? null : `It tells another ${changed} than it was asked for.`;
  }
}

/** Which call of the contract a request is, by its method and path. */
export function calledBy({ listener, method, path }: Pick<Sent, "listener" | "method" | "path">): Called {
  // Only the public listener takes a fragment for one; clients never send it.
  const own = listener === "public" ? path.replace(/^https?:\/\/[^/?#]*/i, "") : path;
  const bare = own.replace(listener === "public" ? /[?#].*$/s : /\?.*$/s, "");
  const asked = method === "HEAD" ? "GET" : method;
  if (listener === "operations") {
    for (const [name, call] of entriesOf(operationsCalls) as [OperationsCallName, OperationsCall][])
      if (call.method === asked && patternOf(call.path).test(bare))
        return { kind: "operations call", name, call };
    return { kind: "other" };
  }
  for (const [name, operation] of entriesOf(operations) as [OperationName, Operation][])
    if (operation.method.toUpperCase() === asked && patternOf(operation.path).test(bare))
      return { kind: "operation", name, operation };
  return { kind: "other" };
}

const patterns = new Map<string, RegExp>();

function patternOf(path: string): RegExp {
  const known = patterns.get(path) ?? new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
  patterns.set(path, known);
  return known;
}

/** Beside the calls there are pages and files, which are only ever read. */
function judgePage(method: string, { status, headers, body }: Reply): string | null {
  if (method !== "GET" && method !== "HEAD")
    return `It answered ${method} with ${status} where nothing is called so.`;
  if (status !== 200 && status !== 304) return `It answered ${status} for a page.`;
  if (method === "HEAD" && body !== "") return "The answer to HEAD has a body.";
  const isHtml = headers.get("content-type")?.startsWith("text/html") ?? false;
  return isHtml && !headers.has("content-security-policy") ? "A page has no content policy." : null;
}

/** What no request could be made of is answered before there are any headers to share. */
export function isUnparsed({ status, headers }: Pick<Reply, "status" | "headers">): boolean {
  return (status === 400 || status === 431) && headers.get("connection") === "close";
}

function tell(wrong: string | null): string | null {
  return wrong === null ? null : `Its body does not match the contract: ${wrong}.`;
}

/** @returns undefined for what is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}

function entriesOf(object: object): [string, unknown][] {
  return Object.entries(object);
}
