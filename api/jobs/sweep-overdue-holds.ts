import { setTimeout as wait } from "node:timers/promises";
import type { Desk } from "../desk/desk.ts";
import type { Database } from "../store/open-database.ts";
import { type ReservationKey, selectNextDeadlineInMs, selectOverdueHolds } from "../store/reservations.ts";

/** Holds that one look takes. Each goes through the desk as a command, a limited share of each transaction. */
const lookMax = 500;
/** Holds that may be on their way through the desk at once. */
const underwayMax = 1_000;
/** A hold made after the look may end this soon, so the sweeper never sleeps longer. */
const pauseMaxMs = 250;
/** Where an event is locked by somebody else, its holds are left to the desk, and other events are looked after. */
const patienceMs = 50;

/**
 * Releases overdue holds, round by round. It only tidies: the deadline is judged again under the lock, wherever a hold is
 * used. Several sweepers at once do no harm, and a dead one costs freshness only.
 */
export class Sweeper {
  readonly #database: Database;
  readonly #desk: Pick<Desk, "submitBackground">;
  /** By the hold's id. Each resolves to whether it was dealt with. */
  readonly #underway = new Map<string, Promise<boolean>>();
  #failure: unknown = null;

  constructor({
    database,
    desk,
  }: {
    readonly database: Database;
    readonly desk: Pick<Desk, "submitBackground">;
  }) {
    this.#database = database;
    this.#desk = desk;
  }

  /**
   * Looks once for what is overdue, and hands it to the desk.
   *
   * @returns how long the sweeper may rest, in ms
   * @throws what a release has failed with since the last round
   */
  async sweepOnce(): Promise<number> {
    if (this.#failure !== null) throw this.#takeFailure();
    const takenMax = Math.min(lookMax, underwayMax - this.#underway.size);
    if (takenMax === 0) return patienceMs;
    const overdue = await selectOverdueHolds(this.#database, takenMax, [...this.#underway.keys()]);
    const isSwept = await this.#waitFor(overdue.map((key) => this.#release(key)));
    if (!isSwept) return pauseMaxMs;
    if (overdue.length === takenMax) return 0;
    const nextInMs = await selectNextDeadlineInMs(this.#database, [...this.#underway.keys()]);
    return nextInMs === null ? pauseMaxMs : Math.min(Math.max(nextInMs, 1), pauseMaxMs);
  }

  /** Resolves when nothing is on its way any more. @throws what a release has failed with since the last round */
  async settle(): Promise<void> {
    await Promise.all(this.#underway.values());
    if (this.#failure !== null) throw this.#takeFailure();
  }

  #release({ eventId, id }: ReservationKey): Promise<boolean> {
    const release = async () => {
      try {
        const { kind } = await this.#desk.submitBackground({ kind: "expire", eventId, reservationId: id });
        return kind === "expired" || kind === "not_due";
      } catch (error) {
        this.#failure = error;
        return false;
      } finally {
        this.#underway.delete(id);
      }
    };
    const released = release();
    this.#underway.set(id, released);
    return released;
  }

  /** @returns false when one of them was refused or failed; those that take longer count as dealt with */
  async #waitFor(releases: readonly Promise<boolean>[]): Promise<boolean> {
    if (releases.length === 0) return true;
    const patience = new AbortController();
    // Aborting the wait is how it is ended early, not a failure.
    const over = wait(patienceMs, true, { signal: patience.signal }).catch(() => true);
    try {
      const all = Promise.all(releases).then((dealtWith) => dealtWith.every(Boolean));
      return await Promise.race([all, over]);
    } finally {
      patience.abort();
    }
  }

  #takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = null;
    return failure;
  }
}
