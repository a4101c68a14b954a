import type { z } from "zod";
import type { InvalidValue } from "../contract/problems.ts";
import { RequestProblem } from "./problem-reply.ts";

/** Checks a value from outside. @throws RequestProblem that names each value that is not valid */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new RequestProblem("validation_failed", { errors: result.error.issues.flatMap(invalidValues) });
  }
  // A strict schema overlooks this one name, which JSON can carry and no schema of ours has.
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__")) {
    throw new RequestProblem("validation_failed", { errors: [unknownProperty([], "__proto__")] });
  }
  return result.data;
}

function invalidValues(issue: z.core.$ZodIssue): InvalidValue[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownProperty(issue.path, key));
  const detail = issue.message.startsWith("Invalid input: ") ? issue.message.slice(15) : issue.message;
  return [{ pointer: pointerTo(issue.path), detail }];
}

function unknownProperty(path: readonly PropertyKey[], key: string): InvalidValue {
  return { pointer: pointerTo([...path, key]), detail: "is not a known property" };
}

/** RFC 6901: slashes between the steps, and the two special characters escaped. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
