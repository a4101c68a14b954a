import { RequestProblem } from "./problem-reply.ts";

/** The parameters of a request's query. One that is given twice has no single value and is not valid. */
export function readQuery(url: string): Record<string, string>;
/** @param list the parameter that may be given several times; its values come as a list */
export function readQuery(url: string, list: string): Record<string, string | string[]>;
export function readQuery(url: string, list?: string): Record<string, string | string[]> {
  const start = url.indexOf("?");
  const query: Record<string, string | string[]> = {};
  if (start < 0) return query;
  const parameters = new URLSearchParams(url.slice(start));
  for (const [name, value] of parameters) {
    if (name === list) {
      query[name] = parameters.getAll(name);
      continue;
    }
    if (Object.hasOwn(query, name)) {
      throw new RequestProblem("validation_failed", {
        errors: [{ pointer: `/${name}`, detail: "is given more than once" }],
      });
    }
    Object.defineProperty(query, name, { value, enumerable: true });
  }
  return query;
}
