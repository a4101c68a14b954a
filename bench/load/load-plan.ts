/** What every connection of a load does, over and over, until it is told to stop. */
export type LoadKind =
  /** Asks for a ticket for a user that nobody has seen before. */
  | "hold"
  /** The same, with an Idempotency-Key of its own on each request. */
  | "keyed_hold"
  /** Holds, then confirms what it got. */
  | "life"
  /** Fills carts with three items each, every cart of another user, until there are as many as the plan says. */
  | "fill_carts"
  /** Checks out carts that were filled before, each once and with an Idempotency-Key. */
  | "checkout";

/** One measurement, as the load generator is told to make it. */
export interface LoadPlan {
  readonly host: string;
  readonly port: number;
  readonly apiKey: string;
  readonly kind: LoadKind;
  /** Requests are spread over these with Zipf's exponent 1.0, the first being the busiest. */
  readonly eventIds: readonly string[];
  /** Makes the users of this measurement different from those of all others: 6 characters. */
  readonly userTag: string;
  readonly connections: number;
  /** How many carts are filled, or are there to be checked out; 0 for loads of another kind. */
  readonly carts: number;
  /** Load that is made and not counted, from the moment the plan arrives. */
  readonly warmUpMs: number;
  /** The counted time that follows. A stop message ends it early. */
  readonly measuredMs: number;
}

export type LoadRequest = { readonly kind: "run"; readonly plan: LoadPlan } | { readonly kind: "stop" };

export type LoadReply =
  | { readonly kind: "result"; readonly result: LoadResult }
  | { readonly kind: "failed"; readonly message: string };

/** The holds that were answered with 201, in columns to keep them small. */
export interface ReceivedHolds {
  readonly count: number;
  /** 36 ASCII characters for each hold. */
  readonly ids: Uint8Array;
  /** The number that makes up the end of the user's id. */
  readonly userNumbers: Uint32Array;
  /** Positions in the plan's list of events. */
  readonly eventIndexes: Uint16Array;
}

export interface LoadResult {
  /** How long was really counted. */
  readonly measuredMs: number;
  /**
   * Answers in the counted time by status. For lives, 201 counts holds and 200 confirmations. A checkout that was
   * answered before it was known whether it is paid counts as 202.
   */
  readonly countByStatus: Readonly<Record<number, number>>;
  /** Confirmations that were answered with 200, in the warm-up and the wait for the last answers too. */
  readonly confirmedTotal: number;
  /** Latency of what the load is about, the whole life for lives: only the expected answers. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly latencyMaxMs: number;
  /** Connections that broke, and requests that were never answered. */
  readonly failures: number;
  readonly firstFailure: string | null;
  /** Every 201, in the warm-up and the wait for the last answers too. Of checkouts: orders, with their carts' numbers. */
  readonly received: ReceivedHolds;
}

/** The user of one request. Both sides build it: the generator in bytes, the audit in text. */
export function userIdOf(userTag: string, userNumber: number): string {
  return `buyer-${userTag}-${String(userNumber).padStart(userDigits, "0")}`;
}

/** The cart of one user: as long as any UUID, and made of what both sides know. */
export function cartIdOf(userTag: string, userNumber: number): string {
  return `${userTag}00-0000-4000-8000-${String(userNumber).padStart(12, "0")}`;
}

/** Digits of the number at the end of a user's id. */
export const userDigits = 9;
