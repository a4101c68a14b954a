import { AssertionError } from "node:assert";
import { z } from "zod";
import { type Operation, operations } from "../../api/contract/operations.ts";
import { type ProblemCode, problems } from "../../api/contract/problems.ts";
import type { Answer } from "./answer.ts";

/** What any call may answer, whatever it documents of its own. */
const generalProblems: readonly ProblemCode[] = [
  "malformed_request",
  "unauthorized",
  "forbidden",
  "not_found",
  "method_not_allowed",
  "body_too_large",
  "unsupported_media_type",
  "validation_failed",
  "idempotency_mismatch",
  "idempotency_in_progress",
  "rate_limited",
  "overloaded",
  "database_unavailable",
];

const problemDocument = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().regex(/^[A-Z]/),
  code: z.string(),
  request_id: z.string().min(1),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string().min(1) })).optional(),
});

/** Fails unless an answer is one that the contract allows for its call, to the last member. */
export function checkContract(method: string, path: string, answer: Answer): void {
  const operation = findOperation(method, path);
  const complain = (message: string): never => {
    throw new AssertionError({
      message: `${method} ${path} answered ${answer.status} ${answer.text}\n${message}`,
    });
  };
  if (answer.status < 400) {
    if (operation === null) return;
    if (answer.status !== operation.reply.status)
      complain(`The contract promises ${operation.reply.status}.`);
    const { schema } = operation.reply;
    const result = schema === null ? { success: answer.text === "" } : schema.safeParse(answer.body);
    if (!result.success)
      complain(`It does not match the contract: ${"error" in result ? String(result.error) : ""}`);
    return;
  }
  const type = answer.headers["content-type"];
  if (type !== "application/problem+json; charset=utf-8") complain(`Its content type is ${type}.`);
  const result = problemDocument.safeParse(answer.body);
  if (!result.success) return complain(`It is no problem document: ${String(result.error)}`);
  const { code, status, title, type: problemType, request_id } = result.data;
  if (!isProblemCode(code)) return complain("The code is not in the registry.");
  const allowed = operation === null ? generalProblems : [...generalProblems, ...operation.problems];
  if (!allowed.includes(code)) complain("The contract of this call does not name that problem.");
  if (problems[code].status !== status || status !== answer.status) complain("The statuses differ.");
  if (problems[code].title !== title || problemType !== `/problems/${code}`)
    complain("Title or type differ.");
  const isReplay = answer.headers["idempotent-replayed"] === "true";
  if (!isReplay && request_id !== answer.headers["x-request-id"]) complain("The request ids differ.");
  const passesByItself = status === 429 || status === 503;
  if (passesByItself && !/^[1-9]\d*$/.test(answer.headers["retry-after"] ?? ""))
    complain("It lacks Retry-After.");
}

function findOperation(method: string, path: string): Operation | null {
  const bare = path.replace(/\?.*$/s, "");
  for (const operation of Object.values(operations) as Operation[]) {
    const pattern = new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    if (operation.method === method && pattern.test(bare)) return operation;
  }
  return null;
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}
