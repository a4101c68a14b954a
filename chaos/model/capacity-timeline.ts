import type { AuditRow, EventRow, RestockRow } from "./books.ts";
import type { Call } from "./call.ts";
import { mayHaveBeenDone } from "./call.ts";
import { isWithin, type Window } from "./window.ts";

/** From when on an event had how many tickets. Where it is not known exactly, the bounds are apart. */
export interface CapacityStep {
  readonly atMs: number;
  readonly low: number;
  readonly high: number;
}

/** An event's capacity in the course of time. */
export interface CapacityTimeline {
  /** The first is of the beginning of time. */
  readonly steps: readonly CapacityStep[];
  /** Whether the last step is known and is not what the event has at the end. */
  readonly isContradicted: boolean;
}

interface Grounds {
  readonly event: EventRow;
  readonly audits: readonly AuditRow[];
  readonly restocks: readonly RestockRow[];
  /** As the event was created; null when nobody knows. */
  readonly created: number | null;
  /** The calls that changed its terms or may have, each with when that can have been. */
  readonly changes: readonly { readonly call: Call; readonly window: Window }[];
}

type Change =
  | { readonly atMs: number; readonly kind: "add"; readonly quantity: number }
  | { readonly atMs: number; readonly kind: "set"; readonly candidates: readonly (number | null)[] };

/**
 * Puts together how an event's capacity changed. The books tell when the terms were changed, but not how: that is what
 * the calls asked for which can have been done at that moment.
 */
export function followCapacity(grounds: Grounds): CapacityTimeline {
  const changes = listChanges(grounds);
  let { low, high } = beginning(grounds, changes);
  const steps: CapacityStep[] = [{ atMs: -Infinity, low, high }];
  for (const change of changes) {
    if (change.kind === "add") [low, high] = [low + change.quantity, high + change.quantity];
    else {
      const bounds = change.candidates.map((each): [number, number] =>
        each === null ? [low, high] : [each, each],
      );
      low = bounds.length === 0 ? 0 : Math.min(...bounds.map(([least]) => least));
      high = bounds.length === 0 ? Infinity : Math.max(...bounds.map(([, most]) => most));
    }
    steps.push({ atMs: change.atMs, low, high });
  }
  const { capacity } = grounds.event;
  return { steps, isContradicted: capacity < low || capacity > high };
}

/** In the order of the audit, which tells what came first within a millisecond. */
function listChanges({ audits, restocks, changes }: Grounds): Change[] {
  const left = restocks.filter(({ deliveredAtMs }) => deliveredAtMs !== null);
  const asked = changes.filter(({ call }) => call.asked.isTermsChange && mayHaveBeenDone(call));
  const audited = audits.flatMap(({ action, reason, atMs }): Change[] => {
    if (action === "restocked") {
      const index = left.findIndex(({ deliveredAtMs }) => deliveredAtMs === atMs);
      return index < 0 ? [] : left.splice(index, 1).map(({ quantity }) => ({ atMs, kind: "add", quantity }));
    }
    if (action !== "changed" || reason !== null) return [];
    const possible = asked.filter(({ window }) => isWithin(window, atMs));
    return [{ atMs, kind: "set", candidates: possible.map(({ call }) => call.asked.capacity) }];
  });
  const unaudited = left.map(({ deliveredAtMs, quantity }): Change => ({
    atMs: deliveredAtMs ?? 0,
    kind: "add",
    quantity,
  }));
  return [...audited, ...unaudited].toSorted((one, other) => one.atMs - other.atMs);
}

function beginning({ event, created }: Grounds, changes: readonly Change[]): { low: number; high: number } {
  if (created !== null) return { low: created, high: created };
  if (changes.some(({ kind }) => kind === "set")) return { low: 0, high: Infinity };
  const added = changes.reduce((sum, change) => sum + (change.kind === "add" ? change.quantity : 0), 0);
  return { low: event.capacity - added, high: event.capacity - added };
}
