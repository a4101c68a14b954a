import { locksOf, needsSeveralLocks } from "./command-needs.ts";
import type { DeskLimits } from "./desk-limits.ts";
import { answerAll, Lane, type LaneOptions } from "./lane.ts";
import { refuseTooOld } from "./refuse-too-old.ts";
import type { WaitingCommand } from "./waiting-command.ts";

const unavailable = { kind: "database_unavailable", effect: "none" } as const;

/**
 * The waiting room for events, and now and then carts, whose rows another transaction has locked. Each gets a line of
 * its own and, in turn, a lane that waits for the lock, so that it never delays the buyers of other events.
 */
export class LockedEvents {
  readonly #laneOptions: LaneOptions;
  readonly #limits: DeskLimits;
  readonly #giveBack: (entries: readonly WaitingCommand[]) => void;
  readonly #lines = new Map<string, WaitingCommand[]>();
  readonly #placesInTurn: string[] = [];
  readonly #idleLanes: Lane[] = [];
  readonly #working = new Set<Promise<void>>();
  #depth = 0;

  /** @param giveBack receives commands whose next line is not known, since they wait for several locks */
  constructor(
    laneOptions: LaneOptions,
    limits: DeskLimits,
    giveBack: (entries: readonly WaitingCommand[]) => void,
  ) {
    this.#laneOptions = { ...laneOptions, applicationName: "holdfast desk, waiting" };
    this.#limits = limits;
    this.#giveBack = giveBack;
  }

  get depth(): number {
    return this.#depth;
  }

  /** Takes the command if something that it needs has a line here. @returns whether it did */
  take(entry: WaitingCommand): boolean {
    if (this.#lines.size === 0) return false;
    const place = locksOf(entry.command).find((each) => this.#lines.has(each));
    if (place === undefined) return false;
    this.add(entry, place);
    return true;
  }

  /** Puts a command in the line of an event or a cart, opening the line if there is none. */
  add(entry: WaitingCommand, place: string): void {
    this.#depth += 1;
    const line = this.#lines.get(place);
    if (line !== undefined) {
      line.push(entry);
      return;
    }
    this.#lines.set(place, [entry]);
    this.#placesInTurn.push(place);
    if (this.#working.size < this.#limits.patientLanesMax) this.#startLane();
  }

  /** Waits for the lines to empty. What was given back may come in again. */
  async drain(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  /** Closes the lanes, which must be idle. */
  async close(): Promise<void> {
    await Promise.all(this.#idleLanes.splice(0).map((lane) => lane.close()));
  }

  #startLane(): void {
    const lane = this.#idleLanes.pop() ?? new Lane(this.#laneOptions);
    const working = this.#work(lane).finally(() => {
      this.#working.delete(working);
      this.#idleLanes.push(lane);
    });
    this.#working.add(working);
  }

  async #work(lane: Lane): Promise<void> {
    for (let place = this.#placesInTurn.shift(); place !== undefined; place = this.#placesInTurn.shift()) {
      await this.#serveTurn(lane, place);
      const line = this.#lines.get(place);
      // An event whose line is empty goes back to the desk; one that is not takes its turn behind the others.
      if (line === undefined || line.length === 0) this.#lines.delete(place);
      else this.#placesInTurn.push(place);
    }
  }

  async #serveTurn(lane: Lane, place: string): Promise<void> {
    const { batchMax, waitMaxMs } = this.#limits;
    const batch = refuseTooOld(this.#leaveLine(place, batchMax), waitMaxMs);
    // Those who wait for this lock only are not kept waiting for the other locks of those who need several.
    const several = batch.filter(({ command }) => needsSeveralLocks(command));
    const simple = batch.filter(({ command }) => !needsSeveralLocks(command));
    const served = await this.#serve(lane, place, simple, false);
    if (!served) answerAll(several, unavailable);
    const available = served && (await this.#serve(lane, place, several, true));
    if (!available) answerAll(this.#leaveLine(place, Infinity), unavailable);
  }

  /** @returns false when the database could not be reached */
  #serve(
    lane: Lane,
    place: string,
    entries: readonly WaitingCommand[],
    needsSeveral: boolean,
  ): Promise<boolean> {
    let batch = entries;
    return lane.serve({
      take: () => {
        const taken = batch;
        batch = [];
        return taken;
      },
      skipLocked: false,
      waitFirstFor: needsSeveral ? place : null,
      onLocked: (locked) => {
        const waiting = locked.map(({ entry }) => entry);
        const inTime = refuseTooOld(waiting, this.#limits.waitMaxMs);
        if (needsSeveral) this.#giveBack(inTime);
        else this.#standInFront(place, inTime);
      },
    });
  }

  #standInFront(place: string, entries: readonly WaitingCommand[]): void {
    this.#lines.get(place)?.unshift(...entries);
    this.#depth += entries.length;
  }

  #leaveLine(place: string, commandsMax: number): WaitingCommand[] {
    const left = this.#lines.get(place)?.splice(0, commandsMax) ?? [];
    this.#depth -= left.length;
    return left;
  }
}
