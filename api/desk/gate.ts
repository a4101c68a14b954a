import type { HoldCommand, HoldRefusal } from "../domain/commands.ts";
import type { Event } from "../domain/event.ts";
import { refuseByStock, refuseByTerms } from "../domain/refuse-hold.ts";
import type { Reservation } from "../domain/reservation.ts";
import { PairMap } from "../domain/pair-map.ts";

/** An event as this process last saw it. */
interface Glimpse {
  readonly event: Event;
  readonly nextExpiryAtMs: number | null;
  /** Database time of the look. */
  readonly nowMs: number;
  /** The same moment on this process's monotonic clock. */
  readonly seenAtMs: number;
  /** When a hold was last asked for, on the monotonic clock. */
  askedAtMs: number;
}

/** A glimpse older than this refuses nobody: the desk decides. */
const glimpseMaxAgeMs = 500;
/** Before sales start, memory stops refusing a little early, since its idea of the database's time is not exact. */
const startMarginMs = 100;
/** An event that nobody has asked for in this time is no longer looked at. */
const interestMs = 5_000;
const eventsMax = 10_000;
/** A hold made here refuses the same user's next request from memory for at most twice this time: a double click. */
const recentHoldsMs = 100;
const recentHoldsMax = 50_000;

/**
 * Turns away the hopeless before they reach the database. It may refuse from memory, never grant: whoever it
 * lets through is still judged at the desk, under the lock. What it knows comes from the desk's commits and
 * from a short poll, so it is stale for at most the poll's interval.
 */
export class Gate {
  readonly #glimpses = new Map<string, Glimpse>();
  #recentHolds = new PairMap<string>();
  #olderHolds = new PairMap<string>();
  #recentSinceMs = 0;
  readonly #monotonicMs: () => number;

  /** @param monotonicMs this process's clock; only differences of it are used */
  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  /** Takes in what was seen of an event. An older version than the one already known changes nothing. */
  observe(event: Event, nextExpiryAtMs: number | null, nowMs: number): void {
    const known = this.#glimpses.get(event.id);
    if (known !== undefined && known.event.version > event.version) return;
    const seenAtMs = this.#monotonicMs();
    this.#glimpses.delete(event.id);
    this.#glimpses.set(event.id, {
      event,
      nextExpiryAtMs,
      nowMs,
      seenAtMs,
      askedAtMs: known?.askedAtMs ?? seenAtMs,
    });
    if (this.#glimpses.size > eventsMax) this.#forgetOldest();
  }

  /** Takes in a reservation as it was written: for a moment it refuses its user's next hold, against double clicks. */
  learn({ eventId, userId, id, status }: Reservation): void {
    if (status === "cancelled" || status === "expired") {
      this.#recentHolds.delete(eventId, userId);
      this.#olderHolds.delete(eventId, userId);
      return;
    }
    this.#rotateRecent();
    if (this.#recentHolds.size < recentHoldsMax) this.#recentHolds.set(eventId, userId, id);
  }

  /** @returns why this hold has no chance, or null when the desk must decide */
  refuse(command: HoldCommand): HoldRefusal | null {
    const monotonicMs = this.#monotonicMs();
    const glimpse = this.#glimpses.get(command.eventId);
    if (glimpse === undefined) return null;
    glimpse.askedAtMs = monotonicMs;
    const ageMs = monotonicMs - glimpse.seenAtMs;
    if (ageMs > glimpseMaxAgeMs) return null;
    const nowMs = glimpse.nowMs + ageMs;
    const byTerms = refuseByTerms(glimpse.event, command, nowMs);
    if (byTerms !== null) return isAboutToStart(byTerms, nowMs) ? null : byTerms;

    this.#rotateRecent();
    const reservationId = this.#recall(command);
    if (reservationId !== undefined) return { kind: "duplicate_reservation", reservationId };
    const byStock = refuseByStock(glimpse.event, command.quantity, glimpse.nextExpiryAtMs);
    if (byStock?.kind !== "all_held") return byStock;
    // Once a hold may have ended, its stock may be free: that is for the desk to say.
    return glimpse.nextExpiryAtMs === null || nowMs >= glimpse.nextExpiryAtMs ? null : byStock;
  }

  /** The events that are still asked for and that memory refuses: those that the poll must look at. */
  eventsToPoll(): string[] {
    const monotonicMs = this.#monotonicMs();
    const ids: string[] = [];
    for (const [id, { event, askedAtMs, nowMs }] of this.#glimpses) {
      if (monotonicMs - askedAtMs > interestMs) this.#glimpses.delete(id);
      else if (event.available < event.maxQuantity || refuseByTerms(event, anyHold, nowMs) !== null)
        ids.push(id);
    }
    return ids;
  }

  #recall({ eventId, userId }: HoldCommand): string | undefined {
    return this.#recentHolds.get(eventId, userId) ?? this.#olderHolds.get(eventId, userId);
  }

  #forgetOldest(): void {
    const oldest = this.#glimpses.keys().next();
    if (oldest.done !== true) this.#glimpses.delete(oldest.value);
  }

  #rotateRecent(): void {
    const monotonicMs = this.#monotonicMs();
    const ageMs = monotonicMs - this.#recentSinceMs;
    if (ageMs < recentHoldsMs) return;
    const isNextWindow = ageMs < 2 * recentHoldsMs;
    this.#olderHolds = isNextWindow ? this.#recentHolds : new PairMap();
    this.#recentHolds = new PairMap();
    this.#recentSinceMs = isNextWindow ? this.#recentSinceMs + recentHoldsMs : monotonicMs;
  }
}

const anyHold: HoldCommand = { kind: "hold", eventId: "", userId: "", quantity: 1 };

function isAboutToStart(refusal: HoldRefusal, nowMs: number): boolean {
  return refusal.kind === "sales_not_started" && nowMs >= refusal.startsAtMs - startMarginMs;
}
