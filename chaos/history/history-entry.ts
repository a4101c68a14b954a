/** What a client of the workload may ask for. */
export type Operation =
  | "hold"
  | "confirm"
  | "extend"
  | "cancel"
  | "put_item"
  | "remove_item"
  | "check_out"
  | "refund"
  | "sign_up"
  | "verify"
  | "deliver"
  | "change_event"
  | "read";

/**
 * One line of the history of a run. An `invoke` is on disk before its request is sent, and every one of them is followed
 * by what came of it:
 *
 * - ok: the service did what was asked.
 * - fail: a definite refusal, without any effect.
 * - unknown: no answer, or one that does not settle it: time-outs, resets, 408, 429, 5xx, 409 `idempotency_in_progress`.
 *   The same call is invoked again with the same key, until it is settled.
 */
export interface CallEntry {
  readonly type: "invoke" | "ok" | "fail" | "unknown";
  readonly run: string;
  readonly seed: number;
  /** Rises by one with each line. */
  readonly seq: number;
  /** Milliseconds of this machine's monotonic clock since the run began. */
  readonly t_mono: number;
  /** The same for all attempts of one call. */
  readonly call: number;
  /** From 1 on. */
  readonly attempt: number;
  readonly f: Operation;
  readonly user: string | null;
  readonly event: string | null;
  /** The Idempotency-Key; null where the operation has none. */
  readonly key: string | null;
  /** What the request names in its path besides the event: a reservation, cart, order or customer. */
  readonly subject: string | null;
  /** Of the answer; null for an invoke, and where there was no answer. */
  readonly status: number | null;
  /** The text that was sent or received, byte for byte; null where there is none. */
  readonly body: string | null;
  /** The reservation that an answer speaks of. */
  readonly reservation_id: string | null;
}

/** What is done to the system. Each kind is one row of the table of faults. */
export type FaultKind =
  | "worker_kill"
  | "supervisor_kill"
  | "backend_kill"
  | "postmaster_kill"
  | "worker_stop"
  | "database_stop"
  | "network"
  | "lost_reply"
  | "client_gone"
  | "disk_full"
  | "connections_exhausted"
  | "wrong_clock"
  | "overload"
  | "crash_at_start";

/** A fault, from the moment it begins until the system has recovered from it. */
export interface FaultEntry {
  readonly type: "fault";
  readonly run: string;
  readonly seed: number;
  readonly seq: number;
  readonly t_mono: number;
  /** The same for all entries of one fault. */
  readonly fault: number;
  readonly kind: FaultKind;
  /** Ended: nothing is done to the system any more. Recovered: a request that was sent after that was acknowledged. */
  readonly phase: "begun" | "ended" | "recovered" | "skipped";
  /** What exactly, for people: the point at which a process was killed, how many bytes had passed. */
  readonly detail: string;
  /** Requests without an answer at this moment. */
  readonly in_flight: number;
}

/** What the database said at a moment: read over a connection of its own, that no fault touches. */
export interface SampleEntry {
  readonly type: "sample";
  readonly run: string;
  readonly seed: number;
  readonly seq: number;
  /** When the question was sent. The answer came at `t_mono_end`. */
  readonly t_mono: number;
  readonly t_mono_end: number;
  /** The database's clock, milliseconds since 1970. */
  readonly database_ms: number;
  /** Of the events that have changed since the last sample. */
  readonly stock: readonly {
    readonly event: string;
    readonly capacity: number;
    readonly available: number;
    readonly held: number;
    readonly sold: number;
  }[];
}

export type HistoryEntry = CallEntry | FaultEntry | SampleEntry;

type WithoutPlace<Entry> = Entry extends unknown ? Omit<Entry, "run" | "seed" | "seq"> : never;

/** An entry that the recorder has not yet given its place. */
export type NewEntry = WithoutPlace<HistoryEntry>;
