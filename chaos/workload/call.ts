import type { z } from "zod";
import type { Operation } from "../history/history-entry.ts";

/** Something that a client asks of the service, whatever number of attempts it takes to hear what came of it. */
export interface Call<Reply> {
  readonly f: Operation;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its query. */
  readonly path: string;
  /** Sent as JSON; null for a request without a body. */
  readonly body: object | null;
  /** A key or a buyer's token; null for a stranger. */
  readonly credential: string | null;
  /** Whether it bears an Idempotency-Key. Only a POST may. */
  readonly isKeyed: boolean;
  readonly user: string | null;
  readonly event: string | null;
  readonly subject: string | null;
  /** Of the answer that says that it was done. */
  readonly reply: z.ZodType<Reply>;
}

/** What came of a call, for certain. */
export type Settled<Reply> =
  | { readonly kind: "done"; readonly reply: Reply }
  | { readonly kind: "refused"; readonly status: number; readonly code: string };

/** Ends a journey in the middle: the workload begins nothing any more. */
export class WorkloadEnded extends Error {
  constructor() {
    super("The workload has ended.");
  }
}
