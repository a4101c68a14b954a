import { type ProblemCode, problems } from "../../api/contract/problems.ts";
import { findLeak } from "./find-leak.ts";
import { parseJson } from "./judge-reply.ts";
import { parseReply, type Reply, UnreadableReplyError } from "./parse-reply.ts";
import type { ReplySchemas } from "./reply-schemas.ts";

/** Who has been told to go on and ends the connection instead is answered nothing more. */
const onlyInterim = /^(?:HTTP\/1\.1 1\d\d [^\r]*\r\n(?:[^\r]+\r\n)*\r\n)+$/;

/** What came back for bytes that may be no request: each answer by itself, and what is wrong with the first wrong one. */
export interface JudgedBytes {
  readonly replies: readonly Reply[];
  readonly why: string | null;
}

/**
 * Judges what a server answers to bytes of which nobody can say how many requests they are. It may answer each of them
 * or close the connection, but whatever it says must be whole answers of its own kind.
 */
export function judgeBytes(received: Buffer, isClosed: boolean, schemas: ReplySchemas): JudgedBytes {
  const replies: Reply[] = [];
  let rest = received;
  while (rest.length > 0) {
    try {
      const parsed = parseReply(rest, { method: "GET", isClosed });
      // Cut off by the client itself, or a stream that goes on.
      const isCut = parsed === null && isClosed && !onlyInterim.test(rest.toString("latin1"));
      if (parsed === null) return { replies, why: isCut ? "Its last answer is not complete." : null };
      replies.push(parsed.reply);
      const why = judgeOne(parsed.reply, schemas);
      if (why !== null || parsed.isStream) return { replies, why };
      rest = rest.subarray(parsed.bytes);
    } catch (error) {
      if (!(error instanceof UnreadableReplyError)) throw error;
      return { replies, why: error.message };
    }
  }
  return { replies, why: null };
}

function judgeOne({ status, headers, body }: Reply, schemas: ReplySchemas): string | null {
  if (status >= 500 && status !== 503) return `It answered ${status}, which is never right.`;
  const leak = findLeak(body, { mayGiveSecrets: false, mayTellStacks: false });
  if (leak !== null) return `Its body shows ${leak}.`;
  if (!headers.has("x-request-id")) return "It has no X-Request-Id.";
  if (status < 400) return null;
  const type = headers.get("content-type");
  if (type !== "application/problem+json; charset=utf-8")
    return `The refusal's content type is ${type ?? "missing"}.`;
  const value = parseJson(body);
  const wrong = schemas.problem(value);
  if (wrong !== null) return `Its body does not match the contract: ${wrong}.`;
  const { code } = value as { code: ProblemCode };
  return problems[code].status === status ? null : `${code} is told with the status ${status}.`;
}
