import { type Client, createClient, HoldfastError, UnreachableError } from "@holdfast/client";
import { type EventReply, eventReply } from "../api/contract/events.ts";
import { listReply } from "../api/contract/lists.ts";
import { type ReservationReply, reservationReply } from "../api/contract/reservations.ts";
import { DemoError } from "./demo-error.ts";

const reservationList = listReply(reservationReply);
const tryMaxMs = 10_000;
/** Patience ends in time, not in tries. */
const triesMax = 10_000;

export interface EventTerms {
  readonly name: string;
  readonly capacity: number;
  readonly holdSeconds: number;
}

export interface ReservationPage {
  readonly reservations: readonly ReservationReply[];
  /** Where the next page starts; null after the last one. */
  readonly next: string | null;
  readonly total: number;
}

/** What a schema of the contract does. */
interface Schema<Value> {
  safeParse(reply: unknown): { readonly success: true; readonly data: Value } | { readonly success: false };
}

/** Prepares the sale and reads its books afterwards. The crowd itself does not come by here: see `http-sender.ts`. */
export class BackOffice {
  readonly #client: Client;
  readonly #origin: string;
  readonly #giveUp: AbortSignal;

  /**
   * @param url where the service is
   * @param patienceMs how long one request is tried
   * @param giveUp ends what is being tried
   */
  constructor(url: URL, key: string, patienceMs: number, giveUp: AbortSignal) {
    this.#client = createClient({ baseUrl: url.href, token: key, tryMs: tryMaxMs, patienceMs, triesMax });
    this.#origin = url.origin;
    this.#giveUp = giveUp;
  }

  /** @throws DemoError when the key is wrong or the service cannot do it */
  createEvent({ name, capacity, holdSeconds }: EventTerms): Promise<EventReply> {
    const body = { name, capacity, hold_seconds: holdSeconds };
    return this.#ask(eventReply, (call) => this.#client.createEvent(body, call));
  }

  /** @throws DemoError when no definite answer can be had */
  readEvent(eventId: string): Promise<EventReply> {
    return this.#ask(eventReply, (call) => this.#client.findEvent(eventId, call));
  }

  /** Reads a page of an event's reservations, newest first. @param after null for the first page */
  async readReservations(eventId: string, after: string | null): Promise<ReservationPage> {
    const query = { limit: 100, ...(after !== null && { starting_after: after }) };
    const page = await this.#ask(reservationList, (call) =>
      this.#client.listReservations(eventId, query, call),
    );
    const { data, has_more, total } = page;
    return { reservations: data, next: has_more ? (data.at(-1)?.id ?? null) : null, total };
  }

  /** What answers may be another service, or another version, so its replies are looked at. */
  async #ask<Value>(
    schema: Schema<Value>,
    call: (options: { signal: AbortSignal }) => Promise<unknown>,
  ): Promise<Value> {
    let reply;
    try {
      reply = await call({ signal: this.#giveUp });
    } catch (error) {
      throw this.#explain(error);
    }
    const parsed = schema.safeParse(reply);
    if (!parsed.success) throw new DemoError(this.#strange(200));
    return parsed.data;
  }

  #explain(error: unknown): unknown {
    if (this.#giveUp.aborted) return new DemoError("The service gave no definite answer before the end.");
    if (error instanceof UnreachableError)
      return new DemoError(`The service at ${this.#origin} gave no answer.`);
    if (!(error instanceof HoldfastError)) return error;
    const { status, code } = error;
    if (code === null) return new DemoError(this.#strange(status));
    if (status === 401)
      return new DemoError(
        `The key is not one of the service at ${this.#origin}; it shows its admin key when it starts.`,
      );
    if (status === 403) return new DemoError("The key may not create events; an admin key is needed.");
    return new DemoError(`The service at ${this.#origin} refused with ${status} ${code}.`);
  }

  #strange(status: number): string {
    return `What answers at ${this.#origin} is not Holdfast, or not this version of it (status ${status}).`;
  }
}
