import type { ErrorEntry, Errors } from "../../../api/contract/dashboard.ts";

/** How many entries a page keeps; the oldest go first. */
export const entriesMax = 1_000;

/** What is known of a machine's error feed. */
export interface ErrorFeed {
  /** Oldest first, each id once. */
  readonly entries: readonly ErrorEntry[];
  /** The highest id so far; what comes next is asked for after it. */
  readonly lastId: number;
  /** How many entries came and went without being seen, or were let go here. */
  readonly dropped: number;
}

/**
 * Adds what came since. Answers may overlap or repeat: each id is kept once.
 *
 * @returns the very same feed when nothing is new, so that nothing is drawn again
 */
export function mergeErrors(feed: ErrorFeed | undefined, { data, dropped }: Errors): ErrorFeed {
  const lastId = feed?.lastId ?? 0;
  const added = data.filter(({ id }) => id > lastId);
  if (feed !== undefined && added.length === 0 && dropped === 0) return feed;
  const all = [...(feed?.entries ?? []), ...added];
  const entries = all.slice(-entriesMax);
  return {
    entries,
    lastId: entries.at(-1)?.id ?? lastId,
    dropped: (feed?.dropped ?? 0) + dropped + (all.length - entries.length),
  };
}

/** Some entries that say the same one after the other. */
export interface RepeatedError {
  /** The newest of them. */
  readonly latest: ErrorEntry;
  readonly times: number;
}

/**
 * The newest entries, newest first; those that repeat the one before are counted instead of listed.
 *
 * @param groupsMax how many lines there is room for
 */
export function groupRepeats(entries: readonly ErrorEntry[], groupsMax: number): RepeatedError[] {
  const groups: RepeatedError[] = [];
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry === undefined) continue;
    const last = groups.at(-1);
    if (last !== undefined && saysTheSame(last.latest, entry)) {
      groups[groups.length - 1] = { latest: last.latest, times: last.times + 1 };
    } else if (groups.length === groupsMax) break;
    else groups.push({ latest: entry, times: 1 });
  }
  return groups;
}

function saysTheSame(one: ErrorEntry, other: ErrorEntry): boolean {
  return (
    one.level === other.level &&
    one.message === other.message &&
    one.error_type === other.error_type &&
    one.route === other.route
  );
}

/** What a reader looks for in the feed. An empty member lets everything through. */
export interface ErrorFilter {
  readonly level: string;
  readonly text: string;
  /** A worker's number, or "supervisor". */
  readonly worker: string;
}

/** The entries that a filter lets through, newest first. Text is sought everywhere in an entry, in any case. */
export function filterErrors(entries: readonly ErrorEntry[], filter: ErrorFilter): ErrorEntry[] {
  const text = filter.text.trim().toLowerCase();
  const isWanted = (entry: ErrorEntry) =>
    (filter.level === "" || entry.level === filter.level) &&
    (filter.worker === "" || nameOfSource(entry) === filter.worker) &&
    (text === "" || textOf(entry).includes(text));
  return entries.filter(isWanted).reverse();
}

/** Who reported an entry, as the filter names it. */
export function nameOfSource({ worker }: Pick<ErrorEntry, "worker">): string {
  return worker === null ? "supervisor" : String(worker);
}

function textOf(entry: ErrorEntry): string {
  const { message, error_type, sqlstate, request_id, route, status, stack, node } = entry;
  return [message, error_type, sqlstate, request_id, route, status, stack, node].join("\n").toLowerCase();
}
