import type { ReservationRow } from "./books.ts";
import type { CapacityStep } from "./capacity-timeline.ts";
import type { Window } from "./window.ts";

/** Between which numbers something was. */
interface Bounds {
  readonly low: number;
  readonly high: number;
}

/**
 * An event's stock at one moment, or from then on. What happened in the same millisecond has no known order: then the
 * bounds span every order in which it can have happened.
 */
export interface StockState {
  readonly capacity: Bounds;
  readonly held: Bounds;
  readonly sold: Bounds;
  readonly taken: Bounds;
}

interface Step {
  readonly atMs: number;
  /** In the very millisecond. */
  readonly during: StockState;
  /** From then on. */
  readonly after: StockState;
}

/** What the reservations of an event come to at one moment: by how much the counts rise and fall. */
interface Moves {
  heldUp: number;
  heldDown: number;
  soldUp: number;
  soldDown: number;
  takenUp: number;
  takenDown: number;
}

/**
 * The stock of an event in the course of time, told from the times that its reservations carry. Every change of an
 * event is made under its lock and carries the database's time of after that, so these times are in the order in which
 * the changes were made.
 */
export class StockTimeline {
  readonly #steps: readonly Step[];

  constructor(rows: readonly ReservationRow[], capacity: readonly CapacityStep[]) {
    this.#steps = makeSteps(listMoves(rows), capacity);
  }

  /** Whether an order of what happened allows a state within a window that fits. */
  allows(window: Window, fits: (state: StockState) => boolean): boolean {
    const steps = this.#steps;
    for (let index = this.#placeAt(window.fromMs); index < steps.length; index += 1) {
      const step = steps[index];
      if (step === undefined || step.atMs > window.toMs) return false;
      const isBegunBefore = step.atMs < window.fromMs;
      if ((!isBegunBefore && fits(step.during)) || fits(step.after)) return true;
    }
    return false;
  }

  /** The moments at which more tickets were taken than there were. */
  oversold(): { readonly atMs: number; readonly taken: number; readonly capacity: number }[] {
    return this.#steps.flatMap(({ atMs, after: { taken, capacity } }) =>
      taken.low > capacity.high ? [{ atMs, taken: taken.low, capacity: capacity.high }] : [],
    );
  }

  /** The last step that was not begun after a moment; the first is of the beginning of time. */
  #placeAt(atMs: number): number {
    let [low, high] = [0, this.#steps.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#steps[middle]?.atMs ?? Infinity) <= atMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function listMoves(rows: readonly ReservationRow[]): Map<number, Moves> {
  const moves = new Map<number, Moves>();
  const at = (atMs: number) => {
    const known = moves.get(atMs);
    if (known !== undefined) return known;
    const made = { heldUp: 0, heldDown: 0, soldUp: 0, soldDown: 0, takenUp: 0, takenDown: 0 };
    moves.set(atMs, made);
    return made;
  };
  for (const { quantity, createdAtMs, confirmedAtMs, releasedAtMs } of rows) {
    const made = at(createdAtMs);
    made.heldUp += quantity;
    made.takenUp += quantity;
    if (confirmedAtMs !== null) {
      const confirmed = at(confirmedAtMs);
      confirmed.heldDown += quantity;
      confirmed.soldUp += quantity;
    }
    if (releasedAtMs === null) continue;
    const released = at(releasedAtMs);
    released.takenDown += quantity;
    if (confirmedAtMs === null) released.heldDown += quantity;
    else released.soldDown += quantity;
  }
  return moves;
}

function makeSteps(moves: ReadonlyMap<number, Moves>, capacity: readonly CapacityStep[]): Step[] {
  const capacities = Map.groupBy(capacity, ({ atMs }) => atMs);
  const moments = [...new Set([-Infinity, ...moves.keys(), ...capacities.keys()])].toSorted((a, b) => a - b);
  const steps: Step[] = [];
  let [held, sold, taken] = [0, 0, 0];
  let bounds: Bounds = { low: 0, high: Infinity };
  for (const atMs of moments) {
    const { heldUp, heldDown, soldUp, soldDown, takenUp, takenDown } = moves.get(atMs) ?? noMoves;
    const later = capacities.get(atMs) ?? [];
    const all = [bounds, ...later];
    const during: StockState = {
      capacity: {
        low: Math.min(...all.map((each) => each.low)),
        high: Math.max(...all.map((each) => each.high)),
      },
      held: { low: Math.max(0, held - heldDown), high: held + heldUp },
      sold: { low: Math.max(0, sold - soldDown), high: sold + soldUp },
      taken: { low: Math.max(0, taken - takenDown), high: taken + takenUp },
    };
    bounds = later.at(-1) ?? bounds;
    [held, sold, taken] = [held + heldUp - heldDown, sold + soldUp - soldDown, taken + takenUp - takenDown];
    steps.push({
      atMs,
      during,
      after: { capacity: bounds, held: exactly(held), sold: exactly(sold), taken: exactly(taken) },
    });
  }
  return steps;
}

const noMoves: Moves = { heldUp: 0, heldDown: 0, soldUp: 0, soldDown: 0, takenUp: 0, takenDown: 0 };

function exactly(count: number): Bounds {
  return { low: count, high: count };
}

/** Whether all tickets can have been sold. */
export function canBeSoldOut({ sold, capacity }: StockState): boolean {
  return sold.high >= capacity.low && sold.low <= capacity.high;
}

/** Whether so many tickets can have been free. */
export function canBeFree({ taken, capacity }: StockState, count: number): boolean {
  return capacity.low - taken.high <= count && count <= capacity.high - taken.low;
}

/** Whether no ticket can have been free while some were held. */
export function canBeAllHeld(state: StockState): boolean {
  return canBeFree(state, 0) && state.held.high > 0;
}
