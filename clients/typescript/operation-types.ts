import type { problemSchema } from "../../api/contract/describe-problems.ts";
import type { operations, PlainOperationName } from "../../api/contract/operations.ts";

/** What a schema takes, before its defaults are filled in. */
type InputOf<Schema> = Schema extends { readonly _zod: { readonly input: infer Input } } ? Input : undefined;
/** What a schema gives. */
type OutputOf<Schema> = Schema extends { readonly _zod: { readonly output: infer Output } }
  ? Output
  : undefined;

type PartOf<Name extends PlainOperationName, Part extends "body" | "query"> =
  (typeof operations)[Name] extends Readonly<Record<Part, infer Schema>> ? InputOf<Schema> : undefined;

/** The body of a call, where what has a default may be left out. */
export type BodyOf<Name extends PlainOperationName> = PartOf<Name, "body">;

/** What a list is asked for. `limit` is from 1 to 100, 20 when it is left out. */
export type QueryOf<Name extends PlainOperationName> = Omit<NonNullable<PartOf<Name, "query">>, "limit"> & {
  readonly limit?: number | undefined;
};

/** What a call answers when it succeeds. */
export type ReplyOf<Name extends PlainOperationName> = OutputOf<(typeof operations)[Name]["reply"]["schema"]>;

/** What a refusal says, after RFC 9457. */
export type Problem = OutputOf<typeof problemSchema>;
