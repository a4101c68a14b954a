/** Identifies one request that must have one effect: who sent it, to where, under which key, and what it said. */
export interface IdempotencyClaim {
  /** A digest over caller, path and key, in the form of a UUID. */
  readonly keyDigest: string;
  /** A digest over what the request asks for, in the form of a UUID. */
  readonly requestDigest: string;
}

/** The first reply to a request, kept to the byte. */
export interface RecordedReply {
  readonly status: number;
  readonly body: string;
}

/** With effect "unknown" the connection broke during the commit, and the outcome could not be read back. */
interface DatabaseUnavailable {
  readonly kind: "database_unavailable";
  readonly effect: "none" | "unknown";
}

/** What a request with a key comes to: the reply on record, made now or earlier, or why there is none for it. */
export type IdempotentOutcome =
  | DatabaseUnavailable
  | { readonly kind: "recorded"; readonly reply: RecordedReply; readonly replayed: boolean }
  | { readonly kind: "idempotency_mismatch" }
  /** Others kept what it needs locked for too long; nothing was done. */
  | { readonly kind: "overloaded" }
  | { readonly kind: "idempotency_in_progress" };
