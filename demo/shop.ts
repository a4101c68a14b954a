import { randomBytes, randomUUID } from "node:crypto";
import { type EventReply, eventReply } from "../api/contract/events.ts";
import { listReply } from "../api/contract/lists.ts";
import { type ReservationReply, reservationReply } from "../api/contract/reservations.ts";
import { DemoError } from "./demo-error.ts";
import { type Answer, NoAnswerError, problemCodeOf, type Sender } from "./http-sender.ts";
import { type Effort, keepTrying, type Patience } from "./keep-trying.ts";

const reservationList = listReply(reservationReply);
const lookMaxMs = 5_000;

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

/** What a shop's backend asks of the service. Every request is repeated under its key until it has an answer. */
export class Shop {
  readonly #sender: Sender;
  readonly #patience: Patience;
  readonly #origin: string;
  /** Tells this rehearsal's buyers and keys from those of every other. */
  readonly tag = randomBytes(6).toString("hex");

  constructor(sender: Sender, patience: Patience, origin: string) {
    this.#sender = sender;
    this.#patience = patience;
    this.#origin = origin;
  }

  /** @throws DemoError unless a service is there and ready */
  async requireReady(): Promise<void> {
    let answer;
    try {
      answer = await this.#sender.send({ method: "GET", path: "/readyz" }, lookMaxMs);
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      throw new DemoError(
        error.code === "ECONNREFUSED"
          ? `No service is running at ${this.#origin}; start one with "npm start" in another terminal.`
          : `No service can be reached at ${this.#origin} (${error.code}); start one with "npm start", or give its address with --url.`,
      );
    }
    if (answer.status === 503)
      throw new DemoError(`The service at ${this.#origin} is not ready; its /readyz tells why.`);
    if (answer.status !== 200) throw new DemoError(this.#strange(answer));
  }

  /** @throws DemoError when the key is wrong or the service cannot do it */
  async createEvent({ name, capacity, holdSeconds }: EventTerms): Promise<EventReply> {
    const body = { name, capacity, hold_seconds: holdSeconds };
    const answer = definite(await this.#post("/v1/events", body, `event-${randomUUID()}`));
    if (answer.status === 401)
      throw new DemoError(
        `The key is not one of the service at ${this.#origin}; it shows its admin key when it starts.`,
      );
    if (answer.status === 403) throw new DemoError("The key may not create events; an admin key is needed.");
    if (answer.status !== 201) throw new DemoError(this.#strange(answer));
    return this.#parse(eventReply, answer);
  }

  /** What the user ids of this rehearsal's buyers begin with, and no other's. */
  get userPrefix(): string {
    return `rehearsal-${this.tag}-`;
  }

  userIdOf(buyerNumber: number): string {
    return this.userPrefix + buyerNumber;
  }

  hold(eventId: string, buyerNumber: number): Promise<Effort> {
    const body = { user_id: this.userIdOf(buyerNumber) };
    return this.#post(`/v1/events/${eventId}/reservations`, body, `hold-${this.tag}-${buyerNumber}`);
  }

  confirm(reservationId: string, buyerNumber: number): Promise<Effort> {
    const path = `/v1/reservations/${reservationId}/confirm`;
    return this.#post(path, {}, `confirm-${this.tag}-${buyerNumber}`);
  }

  /** @throws DemoError when no definite answer can be had */
  async readEvent(eventId: string): Promise<EventReply> {
    return this.#parse(eventReply, await this.#get(`/v1/events/${eventId}`));
  }

  /** Reads a page of an event's reservations, newest first. @param after null for the first page */
  async readReservations(eventId: string, after: string | null): Promise<ReservationPage> {
    const cursor = after === null ? "" : `&starting_after=${after}`;
    const answer = await this.#get(`/v1/events/${eventId}/reservations?limit=100${cursor}`);
    const { data, has_more, total } = this.#parse(reservationList, answer);
    return { reservations: data, next: has_more ? (data.at(-1)?.id ?? null) : null, total };
  }

  async #get(path: string): Promise<Answer> {
    const effort = await keepTrying(
      (limitMs) => this.#sender.send({ method: "GET", path }, limitMs),
      this.#patience,
    );
    return definite(effort);
  }

  #post(path: string, body: object, idempotencyKey: string): Promise<Effort> {
    const call = { method: "POST", path, body, idempotencyKey } as const;
    return keepTrying((limitMs) => this.#sender.send(call, limitMs), this.#patience);
  }

  #parse<Value>(
    schema: { safeParse: (body: unknown) => { success: true; data: Value } | { success: false } },
    answer: Answer,
  ): Value {
    const parsed = schema.safeParse(answer.body);
    if (answer.status >= 400 || !parsed.success) throw new DemoError(this.#strange(answer));
    return parsed.data;
  }

  #strange(answer: Answer): string {
    const code = problemCodeOf(answer);
    return code === null
      ? `What answers at ${this.#origin} is not Holdfast, or not this version of it (status ${answer.status}).`
      : `The service at ${this.#origin} refused with ${answer.status} ${code}.`;
  }
}

function definite(effort: Effort): Answer {
  if (effort.kind === "answered") return effort.answer;
  const tries = effort.tries === 1 ? "one try" : `${effort.tries} tries`;
  throw new DemoError(`The service gave no definite answer in ${tries} (${effort.reason}).`);
}
