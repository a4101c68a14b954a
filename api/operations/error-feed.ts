import { reportedTextMax, type ReportedError } from "../kernel/worker-report.ts";
import type { FeedEntry } from "../store/reported-errors.ts";
import type { SupervisorError } from "./operations-ports.ts";

/** Entries in memory, and those that wait to be written to the database. */
export const feedEntriesMax = 2_000;
/** Entries in one answer. */
const answerMax = 500;

/**
 * The errors of this machine, the newest 2,000. Ids rise, from a number that is greater than any that an earlier
 * supervisor on this machine can have reached.
 */
export class ErrorFeed {
  readonly #node: string;
  #entries: FeedEntry[] = [];
  #unsaved: FeedEntry[] = [];
  #firstId: number;
  #lastId: number;

  /** @param node the machine's name */
  constructor(node: string, nowMs: number = Date.now()) {
    this.#node = node;
    this.#lastId = nowMs * 10;
    this.#firstId = this.#lastId + 1;
  }

  /** @param worker null for the supervisor itself */
  add(error: ReportedError, worker: number | null): void {
    this.#lastId += 1;
    const entry = { ...error, id: this.#lastId, node: this.#node, worker };
    push(this.#entries, entry);
    push(this.#unsaved, entry);
  }

  /** Puts what an earlier supervisor has left before the entries of this one. */
  restore(earlier: readonly FeedEntry[]): void {
    const first = this.#entries[0]?.id ?? this.#lastId + 1;
    const older = earlier.filter(({ id }) => id < first);
    this.#entries = [...older, ...this.#entries].slice(-feedEntriesMax);
    const greatest = earlier.at(-1)?.id ?? 0;
    // Only a clock that was set back makes an older id greater.
    if (greatest <= this.#lastId) return;
    this.#lastId = greatest;
    this.#firstId = greatest + 1;
  }

  /** The newest entries after an id, oldest first, and how many of those after it are left out; 0 on a first look. */
  after(id: number): { readonly entries: FeedEntry[]; readonly dropped: number } {
    const later = this.#entries.filter((entry) => entry.id > id);
    const entries = later.slice(-answerMax);
    if (id === 0) return { entries, dropped: 0 };
    // Ids have no gaps while this process runs, so they tell how many entries there were.
    const ofThisRun = Math.max(0, this.#lastId - Math.max(id, this.#firstId - 1));
    const restored = later.filter((entry) => entry.id < this.#firstId).length;
    return { entries, dropped: ofThisRun + restored - entries.length };
  }

  /** The oldest entries that are not in the database yet. */
  unsaved(entriesMax: number): readonly FeedEntry[] {
    return this.#unsaved.slice(0, entriesMax);
  }

  /** Says that entries up to an id need not be saved any more. */
  markSaved(id: number): void {
    this.#unsaved = this.#unsaved.filter((entry) => entry.id > id);
  }
}

function push(entries: FeedEntry[], entry: FeedEntry): void {
  entries.push(entry);
  if (entries.length > feedEntriesMax) entries.shift();
}

/** An error of the supervisor as workers would report it, with its texts cut to what the feed takes. */
export function completeError(error: SupervisorError, nowMs: number = Date.now()): ReportedError {
  const short = (text: string | null | undefined) => text?.slice(0, reportedTextMax.short) ?? null;
  return {
    at_ms: error.at_ms ?? nowMs,
    level: error.level,
    message: error.message.slice(0, reportedTextMax.message),
    error_type: short(error.error_type),
    sqlstate: error.sqlstate ?? null,
    request_id: short(error.request_id),
    route: short(error.route),
    status: error.status ?? null,
    stack: error.stack?.slice(0, reportedTextMax.stack) ?? null,
  };
}
