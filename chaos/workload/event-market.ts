import type { SeededRandom } from "../seeded-random.ts";
import type { Settled } from "./call.ts";
import type { EventReply } from "../../api/contract/events.ts";
import { drawTerms, type EventKind, eventKinds } from "./draw-terms.ts";
import type { NewEvent } from "./shop-calls.ts";

/** An event that buyers come for now. */
export interface HotEvent {
  readonly id: string;
  readonly kind: EventKind;
  readonly holdMs: number;
  readonly quantityMax: number;
  readonly isPriced: boolean;
  readonly restockQuantity: number;
  /** As it was created or last changed by an admin of ours. */
  capacity: number;
}

interface Place {
  readonly kind: EventKind;
  event: HotEvent | null;
  sinceMs: number;
  soldOut: number;
  shortUntilMs: number;
}

interface MarketOptions {
  readonly random: SeededRandom;
  readonly eventsAtOnce: number;
  readonly create: (event: NewEvent) => Promise<Settled<EventReply>>;
  /** Is told why an event could not be created. */
  readonly onFailure: (error: unknown) => void;
}

/** So many more buyers hear that an event is sold out before another takes its place. */
const soldOutMax = 20;
/** So long, word goes round that there is nothing to be had: most buyers look elsewhere. */
const shortMs = 400;
const elsewhereShare = 0.7;
const shortages: ReadonlySet<string> = new Set(["sold_out", "all_held", "not_enough_left"]);
const lifeMaxMs = 25_000;
const retiredMax = 20;

/**
 * A few small events at a time, so that locks contend and every one comes to its end. Each is followed by another of
 * its kind when it is sold out, or has been hot for long.
 */
export class EventMarket {
  readonly #options: MarketOptions;
  readonly #places: readonly Place[];
  #retired: HotEvent[] = [];
  #count = 0;

  constructor(options: MarketOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.eventsAtOnce }, (_, index) => ({
      kind: eventKinds[index % eventKinds.length] ?? "rush",
      event: null,
      sinceMs: 0,
      soldOut: 0,
      shortUntilMs: 0,
    }));
  }

  /** Creates the first events. @returns when all are there, or the workload has ended */
  async open(): Promise<void> {
    await Promise.all(this.#places.map((place) => this.#fill(place)));
  }

  /** @returns one of the hot events, most often the first; null while there is none of these kinds */
  choose(random: SeededRandom, kinds: readonly EventKind[] = eventKinds): HotEvent | null {
    this.#retireOld();
    const fitting = this.#favoured(random, kinds);
    const [first] = fitting;
    if (first === undefined) return null;
    return random.happens(0.4) ? first : random.choose(fitting);
  }

  /** @returns so many different hot events, or as many as there are */
  chooseSeveral(random: SeededRandom, count: number, kinds: readonly EventKind[]): HotEvent[] {
    const fitting = this.#favoured(random, kinds);
    const chosen: HotEvent[] = [];
    while (chosen.length < count && fitting.length > 0)
      chosen.push(...fitting.splice(random.between(0, fitting.length - 1), 1));
    return chosen;
  }

  /** @returns an event that is hot no longer; null before there is one */
  chooseRetired(random: SeededRandom): HotEvent | null {
    return this.#retired.length === 0 ? null : random.choose(this.#retired);
  }

  /** Takes note of what a buyer was told. */
  noteRefusal(event: string, code: string): void {
    if (!shortages.has(code)) return;
    const place = this.#places.find((each) => each.event?.id === event);
    if (place === undefined) return;
    place.shortUntilMs = performance.now() + shortMs;
    if (code === "sold_out") place.soldOut += 1;
    if (place.soldOut >= soldOutMax) this.#replace(place);
  }

  /** The hot events of these kinds: for most buyers those that have tickets, as far as anybody has heard. */
  #favoured(random: SeededRandom, kinds: readonly EventKind[]): HotEvent[] {
    const hot = this.#places.filter(({ event }) => event !== null && kinds.includes(event.kind));
    const nowMs = performance.now();
    const stocked = random.happens(elsewhereShare)
      ? hot.filter(({ shortUntilMs }) => shortUntilMs < nowMs)
      : [];
    return (stocked.length > 0 ? stocked : hot).flatMap(({ event }) => event ?? []);
  }

  #retireOld(): void {
    const nowMs = performance.now();
    for (const place of this.#places)
      if (place.event !== null && nowMs - place.sinceMs > lifeMaxMs) this.#replace(place);
  }

  #replace(place: Place): void {
    if (place.event === null) return;
    this.#retired = [place.event, ...this.#retired].slice(0, retiredMax);
    place.event = null;
    this.#fill(place).catch(this.#options.onFailure);
  }

  async #fill(place: Place): Promise<void> {
    this.#count += 1;
    const terms = drawTerms(place.kind, this.#options.random, this.#count);
    const created = await this.#options.create(terms);
    if (created.kind === "refused") throw new Error(`An event was refused with ${created.code}.`);
    const { id, capacity } = created.reply;
    place.sinceMs = performance.now();
    place.soldOut = 0;
    place.shortUntilMs = 0;
    place.event = {
      id,
      kind: place.kind,
      holdMs: terms.hold_seconds * 1000,
      quantityMax: terms.max_quantity,
      isPriced: terms.price_cents > 0,
      restockQuantity: terms.restock?.quantity ?? 0,
      capacity,
    };
  }
}
