import { cartIdOf, type LoadPlan, userDigits, userIdOf } from "./load-plan.ts";
import { headOf, startsOf, type Template, writeDigits } from "./request-template.ts";

/** How many items each cart gets, every one of another event. */
export const itemsPerCart = 3;

/** Writes the requests of one connection about carts, as RequestWriter does about holds. */
export class CartRequestWriter {
  readonly #put: Template;
  readonly #checkOut: Template;
  readonly #eventIds: readonly Buffer[];

  constructor(plan: LoadPlan) {
    this.#eventIds = plan.eventIds.map((id) => Buffer.from(id, "latin1"));
    this.#put = putTemplate(plan);
    this.#checkOut = checkOutTemplate(plan);
  }

  /** @param userNumber below 10^9 @param eventIndex a position in the plan's events */
  put(userNumber: number, eventIndex: number): Buffer {
    const { bytes, starts } = this.#put;
    const [eventStart = 0, ...numbers] = starts;
    this.#eventIds[eventIndex]?.copy(bytes, eventStart);
    for (const start of numbers) writeDigits(bytes, start, userNumber);
    return bytes;
  }

  checkOut(userNumber: number): Buffer {
    const { bytes, starts } = this.#checkOut;
    for (const start of starts) writeDigits(bytes, start, userNumber);
    return bytes;
  }
}

/** The events of a cart: spread evenly, and never the same one twice while there are more than 14. */
export function eventIndexOf(userNumber: number, item: number, eventCount: number): number {
  return (userNumber + 7 * item) % eventCount;
}

function putTemplate(plan: LoadPlan): Template {
  const userId = userIdOf(plan.userTag, 0);
  const body = JSON.stringify({ user_id: userId });
  const eventId = plan.eventIds[0] ?? "";
  const text = headOf(plan, `PUT /v1/carts/${cartIdOf(plan.userTag, 0)}/items/${eventId}`, "", body) + body;
  return { bytes: Buffer.from(text, "latin1"), starts: [text.indexOf(eventId), ...numberStarts(text, plan)] };
}

function checkOutTemplate(plan: LoadPlan): Template {
  const payment = { provider: "demo", token: "tok_ok" };
  const body = JSON.stringify({ email: "buyer@shop.example", payment });
  const key = `Idempotency-Key: ${userIdOf(plan.userTag, 0)}\r\n`;
  const text = headOf(plan, `POST /v1/carts/${cartIdOf(plan.userTag, 0)}/checkout`, key, body) + body;
  return { bytes: Buffer.from(text, "latin1"), starts: numberStarts(text, plan) };
}

/** Where the user's number stands: at the end of the user's id, and at the end of the cart's. */
function numberStarts(text: string, { userTag }: LoadPlan): number[] {
  const ends = [cartIdOf(userTag, 0), userIdOf(userTag, 0)];
  return ends.flatMap((id) => startsOf(text, id).map((start) => start + id.length - userDigits));
}
