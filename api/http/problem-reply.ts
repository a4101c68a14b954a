import { type InvalidValue, type ProblemCode, problems } from "../contract/problems.ts";
import { problemType, type Reply } from "./reply.ts";

/** What a problem says beyond its code. */
export interface ProblemDetails {
  /** One sentence about this occurrence; the title of the problem when absent. */
  readonly detail?: string;
  readonly errors?: readonly InvalidValue[];
  /** Members that the code documents, such as `reservation_id`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
  readonly headers?: readonly string[];
}

/** Builds a problem document (RFC 9457). Problems that pass by themselves always carry Retry-After. */
export function problemReply(code: ProblemCode, requestId: string, details?: ProblemDetails): Reply {
  // Refusals without details are what a sold-out sale answers all day: their text is ready.
  return details === undefined ? plainReply(code, requestId) : detailedReply(code, requestId, details);
}

const plainTexts = new Map<ProblemCode, readonly [before: string, after: string]>();

function plainReply(code: ProblemCode, requestId: string): Reply {
  const known = plainTexts.get(code);
  if (known !== undefined) {
    // Request ids are plain words, so they need no escape.
    return { ...replyOf(code, {}), body: known[0] + requestId + known[1] };
  }
  const reply = detailedReply(code, requestId, {});
  const at = reply.body.indexOf(requestId);
  plainTexts.set(code, [reply.body.slice(0, at), reply.body.slice(at + requestId.length)]);
  return reply;
}

function detailedReply(code: ProblemCode, requestId: string, details: ProblemDetails): Reply {
  const { status, title } = problems[code];
  const document = {
    type: `/problems/${code}`,
    title,
    status,
    detail: details.detail ?? `${title}.`,
    code,
    request_id: requestId,
    ...(details.errors !== undefined && { errors: details.errors }),
    ...details.members,
  };
  return { ...replyOf(code, details), body: JSON.stringify(document) };
}

function replyOf(code: ProblemCode, details: ProblemDetails): Omit<Reply, "body"> {
  const { status } = problems[code];
  const passesByItself = status === 429 || status === 503 || code === "idempotency_in_progress";
  const retryAfter = passesByItself ? ["Retry-After", String(details.retryAfterSeconds ?? 1)] : [];
  return { status, contentType: problemType, headers: [...(details.headers ?? []), ...retryAfter] };
}

/** A request that cannot be served, thrown by whatever reads it and answered in one place. */
export class RequestProblem extends Error {
  readonly code: ProblemCode;
  readonly details: ProblemDetails | undefined;

  constructor(code: ProblemCode, details?: ProblemDetails) {
    super(code);
    this.code = code;
    this.details = details;
  }
}
