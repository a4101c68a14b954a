import { explain } from "../api/explain-problem.ts";

/** What to say of a change of the cart of which it is not known whether it was made. */
export function tellUncertain(error: unknown): string {
  return `${explain(error)} It is not certain what became of this change; doing it again is safe.`;
}
