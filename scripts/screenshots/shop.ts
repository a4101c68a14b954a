import { randomUUID } from "node:crypto";
import { type EventReply, eventReply } from "../../api/contract/events.ts";
import { type ReservationReply, reservationReply } from "../../api/contract/reservations.ts";
import { createSender, type Sender } from "../../demo/http-sender.ts";
import { keepTrying, makePatience, type Patience } from "../../demo/keep-trying.ts";

const patienceMs = 20_000;

/** An event as it is created, and how many of the buyers come for it. */
export interface Attraction {
  readonly share: number;
  readonly terms: {
    readonly name: string;
    readonly capacity: number;
    readonly price_cents: number;
    readonly hold_seconds: number;
    readonly sales_start_at?: string;
  };
}

/** A shop that sells by way of a service; a request without a definite answer is sent again under its key. */
export class Shop {
  readonly #sender: Sender;
  readonly #patience: Patience;
  readonly #giveUp = new AbortController();

  constructor({ url, adminKey }: { readonly url: string; readonly adminKey: string }) {
    this.#sender = createSender(new URL(url), adminKey);
    this.#patience = makePatience(patienceMs, this.#giveUp.signal);
  }

  /** @throws Error when the service refuses */
  async createEvent({ terms }: Attraction): Promise<EventReply> {
    return eventReply.parse(await this.#post("/v1/events", { currency: "EUR", ...terms }));
  }

  /** Asks for a ticket. @returns null when it is refused */
  async hold(eventId: string, userId: string): Promise<ReservationReply | null> {
    const body = await this.#post(`/v1/events/${eventId}/reservations`, { user_id: userId });
    return reservationReply.safeParse(body).data ?? null;
  }

  async change(reservationId: string, how: "confirm" | "extend" | "cancel"): Promise<void> {
    await this.#post(`/v1/reservations/${reservationId}/${how}`, {});
  }

  /** Gives up whatever is still being asked. */
  close(): void {
    this.#giveUp.abort();
    this.#sender.close();
  }

  /** @returns the answer's JSON, also of a refusal; null without an answer */
  async #post(path: string, body: object): Promise<unknown> {
    const call = { method: "POST", path, body, idempotencyKey: randomUUID() } as const;
    const effort = await keepTrying((limitMs) => this.#sender.send(call, limitMs), this.#patience);
    return effort.kind === "answered" ? effort.answer.body : null;
  }
}
