import type { Operation } from "../history/history-entry.ts";

/** What a request asks for, as far as it is needed later. */
export interface Asked {
  readonly userId: string | null;
  readonly quantity: number | null;
  readonly capacity: number | null;
  /** Of a sign-up: its request id, and who it is about. */
  readonly requestId: string | null;
  readonly identity: string | null;
  readonly restockOrderId: string | null;
  /** Whether an event's terms are to be changed, and not its pause. */
  readonly isTermsChange: boolean;
}

/** What is kept of the first definite answer. */
export interface Settled {
  readonly kind: "ok" | "fail";
  readonly seq: number;
  readonly atMs: number;
  readonly status: number;
  /** Of a problem; null for a success. */
  readonly code: string | null;
  /** Of status and text, so that a repetition can be compared. */
  readonly digest: string;
  /** The id of what was made or found standing in the way: reservation, order, customer, event. */
  readonly named: string | null;
  /** A number that a refusal tells: tickets that are left, or that are held and sold. */
  readonly count: number | null;
  /** What came of trying a code. */
  readonly result: string | null;
}

/** All attempts of one call. */
export interface Call {
  readonly call: number;
  readonly f: Operation;
  readonly user: string | null;
  readonly event: string | null;
  readonly key: string | null;
  readonly subject: string | null;
  readonly firstSeq: number;
  /** When its first attempt was sent. */
  readonly firstMs: number;
  readonly asked: Asked;
  attempts: number;
  unknowns: number;
  settled: Settled | null;
}

/** Whether a call was done or may have been. A refusal without a key says nothing of the attempts before it. */
export function mayHaveBeenDone({ key, unknowns, settled }: Call): boolean {
  return settled === null || settled.kind === "ok" || (key === null && unknowns > 0);
}

/** Whether a call is not known to be done, and may have been. */
export function isInDoubt({ key, unknowns, settled }: Call): boolean {
  return settled === null || (key === null && unknowns > 0);
}

/** Whom a call is for: the body says it where it names somebody. */
export function userOf({ asked, user }: Call): string | null {
  return asked.userId ?? user;
}

/** Where in the history a call is. */
export function seqsOf({ firstSeq, settled }: Call): readonly number[] {
  return settled === null ? [firstSeq] : [firstSeq, settled.seq];
}
