import type { z } from "zod";
import type { ProblemCode } from "./problems.ts";

/** Who may call: a role of a key, a buyer with a token, anyone where sign-up is public, or anyone at all. */
export type Access = "admin" | "service" | "observer" | "buyer" | "signup" | "anyone";

/** One call of the API: the single source for routing, validation and the OpenAPI document. */
export interface Operation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** With parameters in braces, each of them a UUID. */
  readonly path: string;
  readonly summary: string;
  readonly access: readonly Access[];
  /** What is answered when a parameter of the path is not even a UUID. */
  readonly missing?: ProblemCode;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly reply: { readonly status: number; readonly schema: z.ZodType | null };
  /** Answered as server-sent events, each of which carries what the reply's schema describes. */
  readonly isStream?: true;
  /** The body is signed as it stands, so it is not parsed before its signature is checked. */
  readonly isSigned?: true;
  /** The refusals of this call, beside those that every call may answer. */
  readonly problems: readonly ProblemCode[];
}
