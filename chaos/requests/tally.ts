import { problems } from "../../api/contract/problems.ts";
import type { Called } from "./judge-reply.ts";
import type { Reply } from "./parse-reply.ts";

/** A request whose answer was wrong. */
export interface Failure {
  /** Of the request, in its run. */
  readonly number: number;
  readonly asked: string;
  readonly why: string;
  /** What was sent, and what came back, both cut. */
  readonly sent: string;
  readonly received: string;
}

const failuresKept = 50;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What a run has sent and been told. */
export class Tally {
  readonly statuses = new Map<number, number>();
  readonly codes = new Map<string, number>();
  readonly calls = new Map<string, { sent: number; succeeded: number }>();
  readonly failures: Failure[] = [];
  failureCount = 0;
  /** Requests of the plan that were begun, and what was sent for them. */
  planned = 0;
  sent = 0;
  answered = 0;
  /** Answered from the books: done, or refused by what they hold. */
  deep = 0;
  /** Connections on which bytes were written that may be no request. */
  rawConnections = 0;
  rawReplies = 0;
  /** Sent again on a new connection, as the old one was closed before anything came. */
  resent = 0;

  countReply(called: Called, path: string, reply: Reply, value: unknown): void {
    this.answered += 1;
    add(this.statuses, reply.status);
    const code = codeOf(value);
    if (reply.status >= 400 && code !== null) add(this.codes, code);
    if (called.kind === "other") return;
    const call = this.calls.get(called.name) ?? { sent: 0, succeeded: 0 };
    this.calls.set(called.name, call);
    call.sent += 1;
    if (reply.status < 400) call.succeeded += 1;
    if (called.kind === "operation" && isDeep(called.operation, path, reply, code)) this.deep += 1;
  }

  countStatus(status: number): void {
    this.rawReplies += 1;
    add(this.statuses, status);
  }

  fail(failure: Failure): void {
    this.failureCount += 1;
    if (this.failures.length < failuresKept) this.failures.push(failure);
  }
}

/** What could not be refused without a look into the books. */
function isDeep(
  operation: Extract<Called, { kind: "operation" }>["operation"],
  path: string,
  { status }: Reply,
  code: string | null,
): boolean {
  if (status < 400) return true;
  if (code === null || !operation.problems.some((own) => own === code)) return false;
  if (code !== operation.missing) return true;
  const template = operation.path.split("/");
  const segments = path.replace(/\?.*$/s, "").split("/");
  return template.every((part, index) => !part.startsWith("{") || uuid.test(segments[index] ?? ""));
}

function codeOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("code" in value)) return null;
  return typeof value.code === "string" && Object.hasOwn(problems, value.code) ? value.code : null;
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
