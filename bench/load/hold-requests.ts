import { type LoadPlan, userDigits, userIdOf } from "./load-plan.ts";
import { idLength } from "./received-holds.ts";
import { headOf, type Template, writeDigits } from "./request-template.ts";

/** Numbers users across all connections of a load. */
export class UserNumbers {
  #next = 0;

  take(): number {
    this.#next += 1;
    return this.#next;
  }
}

/**
 * Writes the requests of one connection. Nothing is built for each request: the few bytes that differ are
 * written into a buffer of the connection's own, which is free again once the request has been answered.
 */
export class RequestWriter {
  readonly #hold: Template;
  readonly #confirm: Template;
  readonly #eventIds: readonly Buffer[];
  #eventIndexWritten = 0;

  constructor(plan: LoadPlan) {
    this.#eventIds = plan.eventIds.map((id) => Buffer.from(id, "latin1"));
    this.#hold = holdTemplate(plan);
    this.#confirm = confirmTemplate(plan);
  }

  /** @param userNumber below 10^9 @param eventIndex a position in the plan's events */
  hold(userNumber: number, eventIndex: number): Buffer {
    const { bytes, starts } = this.#hold;
    if (eventIndex !== this.#eventIndexWritten) {
      this.#eventIds[eventIndex]?.copy(bytes, starts[0]);
      this.#eventIndexWritten = eventIndex;
    }
    // The user's number is in the body, and in the idempotency key if there is one.
    for (let place = 1; place < starts.length; place += 1) writeDigits(bytes, starts[place] ?? 0, userNumber);
    return bytes;
  }

  /** @param idStart where the reservation's id starts in `source` */
  confirm(source: Buffer, idStart: number): Buffer {
    const { bytes, starts } = this.#confirm;
    source.copy(bytes, starts[0], idStart, idStart + idLength);
    return bytes;
  }
}

function holdTemplate(plan: LoadPlan): Template {
  const userId = userIdOf(plan.userTag, 0);
  const body = `{"user_id":"${userId}"}`;
  const eventId = plan.eventIds[0] ?? "";
  const digits = userId.slice(-userDigits);
  const key = plan.kind === "keyed_hold" ? `Idempotency-Key: ${userId}\r\n` : "";
  const head = headOf(plan, `POST /v1/events/${eventId}/reservations`, key, body);
  const text = head + body;
  const starts = [text.indexOf(eventId)];
  for (let at = text.indexOf(`-${digits}`); at >= 0; at = text.indexOf(`-${digits}`, at + 1))
    starts.push(at + 1);
  return { bytes: Buffer.from(text, "latin1"), starts };
}

function confirmTemplate(plan: LoadPlan): Template {
  const blank = "0".repeat(idLength);
  const body = "{}";
  const text = headOf(plan, `POST /v1/reservations/${blank}/confirm`, "", body) + body;
  return { bytes: Buffer.from(text, "latin1"), starts: [text.indexOf(blank)] };
}
