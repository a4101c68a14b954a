import { z } from "zod";
import { CircuitBreaker } from "../outside/break-circuit.ts";
import type { OutsideAnswer, OutsidePoster } from "../outside/post-outside.ts";
import { ProviderFailure, retryClassOf } from "../outside/provider-failure.ts";
import type { Supplier, SupplierAnswer, SupplierOrder } from "./supplier.ts";

/** Well within the time that one attempt of a job may take. */
const answerMaxMs = 10_000;
/** Suppliers whose troubles are remembered. */
const breakersMax = 1_000;
const toldMax = 200;

const reference = z.string().max(200).nullish();
const reply = z.discriminatedUnion("status", [
  z.object({ status: z.literal("accepted"), reference }),
  z.object({ status: z.literal("delivered"), reference, quantity: z.int() }),
]);

interface HttpSupplierLimits {
  readonly answerMaxMs?: number;
  readonly breaker?: ConstructorParameters<typeof CircuitBreaker>[1];
}

/** Suppliers that are asked by HTTP, each behind a circuit breaker of its own. */
export class HttpSupplier implements Supplier {
  readonly #poster: OutsidePoster;
  readonly #limits: HttpSupplierLimits;
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(poster: OutsidePoster, limits: HttpSupplierLimits = {}) {
    this.#poster = poster;
    this.#limits = limits;
  }

  place(order: SupplierOrder, url: string, signal: AbortSignal): Promise<SupplierAnswer> {
    const { host } = new URL(url);
    return this.#breakerOf(host).call(async () =>
      readAnswer(await this.#post(order, url, signal), order, host),
    );
  }

  #post({ key, eventId, quantity }: SupplierOrder, url: string, signal: AbortSignal): Promise<OutsideAnswer> {
    return this.#poster.post(
      {
        url,
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          "user-agent": "Holdfast",
          "idempotency-key": key,
        },
        body: JSON.stringify({ restock_order_id: key, event_id: eventId, quantity }),
        timeoutMs: this.#limits.answerMaxMs ?? answerMaxMs,
      },
      signal,
    );
  }

  #breakerOf(host: string): CircuitBreaker {
    const known = this.#breakers.get(host);
    if (known !== undefined) return known;
    const oldest = this.#breakers.keys().next();
    if (this.#breakers.size >= breakersMax && oldest.done !== true) this.#breakers.delete(oldest.value);
    const breaker = new CircuitBreaker(`The supplier at ${host}`, this.#limits.breaker);
    this.#breakers.set(host, breaker);
    return breaker;
  }
}

/** @throws ProviderFailure when the answer is no success, or makes no sense */
function readAnswer({ status, body }: OutsideAnswer, order: SupplierOrder, host: string): SupplierAnswer {
  if (status < 200 || status > 299) {
    const said = body.trim() === "" ? "" : `: ${oneLine(body)}`;
    throw new ProviderFailure(`The supplier at ${host} answered ${status}${said}`, {
      retry: retryClassOf(status),
    });
  }
  const parsed = reply.safeParse(parseJson(body));
  // A server in trouble may answer anything with 200. What it did about the order is not known, so it is asked again.
  if (!parsed.success)
    throw new ProviderFailure(
      `The supplier at ${host} answered ${status} with what is no answer: ${oneLine(body)}`,
      {
        retry: "again",
      },
    );
  const { data } = parsed;
  const given = data.reference ?? null;
  if (data.status === "accepted") return { kind: "accepted", reference: given };
  // It has acted on the order's key in another way than it was asked, and would say the same again.
  if (data.quantity !== order.quantity)
    throw new ProviderFailure(
      `The supplier at ${host} says that it delivered ${data.quantity} instead of ${order.quantity}.`,
      { retry: "never" },
    );
  return { kind: "delivered", quantity: data.quantity, reference: given };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What somebody else's server said, fit to be shown and stored. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, toldMax)
    .toWellFormed();
}
