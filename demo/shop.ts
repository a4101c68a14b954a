import { randomBytes } from "node:crypto";
import { DemoError } from "./demo-error.ts";
import { type Answer, NoAnswerError, problemCodeOf, type Sender } from "./http-sender.ts";
import { type Effort, keepTrying, type Patience } from "./keep-trying.ts";

const lookMaxMs = 5_000;

/** What the crowd asks of the service. Every request is repeated under its key until it has an answer. */
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

  #post(path: string, body: object, idempotencyKey: string): Promise<Effort> {
    const call = { method: "POST", path, body, idempotencyKey } as const;
    return keepTrying((limitMs) => this.#sender.send(call, limitMs), this.#patience);
  }

  #strange(answer: Answer): string {
    const code = problemCodeOf(answer);
    return code === null
      ? `What answers at ${this.#origin} is not Holdfast, or not this version of it (status ${answer.status}).`
      : `The service at ${this.#origin} refused with ${answer.status} ${code}.`;
  }
}
