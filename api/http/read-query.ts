import { RequestProblem } from "./problem-reply.ts";

/**
 * The parameters of a request's query. One that is given twice has no single value and is not valid.
 *
 * @param url as the client sent it
 */
export function readQuery(url: string): Record<string, string> {
  const start = url.indexOf("?");
  const query: Record<string, string> = {};
  if (start < 0) return query;
  for (const [name, value] of new URLSearchParams(url.slice(start))) {
    if (Object.hasOwn(query, name)) {
      throw new RequestProblem("validation_failed", {
        errors: [{ pointer: `/${name}`, detail: "is given more than once" }],
      });
    }
    Object.defineProperty(query, name, { value, enumerable: true });
  }
  return query;
}
