import type { DeskLimits } from "./desk-limits.ts";
import { answerAll, Lane, type LaneOptions } from "./lane.ts";
import { refuseTooOld } from "./refuse-too-old.ts";
import type { WaitingCommand } from "./waiting-command.ts";

/**
 * The waiting room for events whose rows another transaction has locked. Each such event gets a line of its own
 * and, in turn, a lane that waits for the lock, so that it never delays the buyers of other events.
 */
export class LockedEvents {
  readonly #laneOptions: LaneOptions;
  readonly #limits: DeskLimits;
  readonly #lines = new Map<string, WaitingCommand[]>();
  readonly #eventsInTurn: string[] = [];
  readonly #idleLanes: Lane[] = [];
  readonly #working = new Set<Promise<void>>();
  #depth = 0;

  constructor(laneOptions: LaneOptions, limits: DeskLimits) {
    this.#laneOptions = { ...laneOptions, applicationName: "holdfast desk, waiting" };
    this.#limits = limits;
  }

  get depth(): number {
    return this.#depth;
  }

  /** Takes the command if its event has a line here. @returns whether it did */
  take(entry: WaitingCommand): boolean {
    const line = this.#lines.get(entry.command.eventId);
    if (line === undefined) return false;
    line.push(entry);
    this.#depth += 1;
    return true;
  }

  /** Puts a command in its event's line, opening the line if there is none. */
  add(entry: WaitingCommand): void {
    if (this.take(entry)) return;
    const { eventId } = entry.command;
    this.#lines.set(eventId, [entry]);
    this.#depth += 1;
    this.#eventsInTurn.push(eventId);
    if (this.#working.size < this.#limits.patientLanesMax) this.#startLane();
  }

  /** Waits for the lines to empty and closes the lanes. */
  async stop(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
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
    for (
      let eventId = this.#eventsInTurn.shift();
      eventId !== undefined;
      eventId = this.#eventsInTurn.shift()
    ) {
      await this.#serveTurn(lane, eventId);
      const line = this.#lines.get(eventId);
      // An event whose line is empty goes back to the desk; one that is not takes its turn behind the others.
      if (line === undefined || line.length === 0) this.#lines.delete(eventId);
      else this.#eventsInTurn.push(eventId);
    }
  }

  async #serveTurn(lane: Lane, eventId: string): Promise<void> {
    let batch = refuseTooOld(this.#leaveLine(eventId, this.#limits.batchMax), this.#limits.waitMaxMs);
    const available = await lane.serve({
      take: () => {
        const taken = batch;
        batch = [];
        return taken;
      },
      skipLocked: false,
      onLocked: (locked) => this.#standInFront(eventId, refuseTooOld(locked, this.#limits.waitMaxMs)),
    });
    if (!available)
      answerAll(this.#leaveLine(eventId, Infinity), { kind: "database_unavailable", effect: "none" });
  }

  #standInFront(eventId: string, entries: readonly WaitingCommand[]): void {
    this.#lines.get(eventId)?.unshift(...entries);
    this.#depth += entries.length;
  }

  #leaveLine(eventId: string, commandsMax: number): WaitingCommand[] {
    const left = this.#lines.get(eventId)?.splice(0, commandsMax) ?? [];
    this.#depth -= left.length;
    return left;
  }
}
