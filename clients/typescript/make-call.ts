import type { QueryOf, ReplyOf } from "./operation-types.ts";
import type { PostOptions, Request } from "./send-request.ts";
import type { PlainOperationName } from "../../api/contract/operations.ts";

/** Does one call of the contract. */
export type Send = <Name extends PlainOperationName>(
  request: Request,
  call?: PostOptions,
) => Promise<ReplyOf<Name>>;

/** What a list is asked for when all of its pages are read. */
export type Everything<Name extends PlainOperationName> = Omit<
  QueryOf<Name>,
  "starting_after" | "ending_before"
>;

/** Writes ids into a path; whatever they contain, they stay one part of it. */
export function at(texts: TemplateStringsArray, ...ids: readonly string[]): string {
  return texts.map((text, index) => text + encodeURIComponent(ids[index] ?? "")).join("");
}
