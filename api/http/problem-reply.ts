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
export function problemReply(code: ProblemCode, requestId: string, details: ProblemDetails = {}): Reply {
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
  const headers = [...(details.headers ?? [])];
  const passesByItself = status === 429 || status === 503 || code === "idempotency_in_progress";
  if (passesByItself) headers.push("Retry-After", String(details.retryAfterSeconds ?? 1));
  return { status, body: JSON.stringify(document), contentType: problemType, headers };
}

/** A request that cannot be served, thrown by whatever reads it and answered in one place. */
export class RequestProblem extends Error {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}
