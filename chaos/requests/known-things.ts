import { createHash, createHmac } from "node:crypto";
import type { Credential, KnownKind, StandIn, Template } from "./plan.ts";
import { phoneNumberAt } from "./phone-numbers.ts";

/** The newest of each kind are kept: of what ends soon only so many that most of them have not ended. */
const knownMax = 2_000;
const fewerMax: Partial<Record<KnownKind, number>> = { cart: 150, webhook_endpoint: 10, api_key: 100 };
const nobody = "00000000-0000-4000-8000-000000000000";
const usersMax = 400;

/** A buyer with a token. */
export interface Buyer {
  readonly userId: string;
  readonly token: string;
}

/** The credentials of a run. */
export interface Credentials {
  readonly admin: string;
  readonly service: string;
  readonly observer: string;
  readonly buyers: readonly Buyer[];
  /** Whole header values, none of which anybody may be let in for. */
  readonly bad: readonly string[];
}

/** What a run knows of the service that it attacks: what was made at first, and what replies have told since. */
export class KnownThings {
  readonly credentials: Credentials;
  readonly shopEvents: readonly string[];
  readonly #receiverUrl: string;
  readonly #stripeSecret: string;
  readonly #ids = new Map<KnownKind, Ring>();
  readonly #codes = new Ring();
  readonly #learnedKeys = new Ring();

  constructor(made: {
    readonly credentials: Credentials;
    readonly shopEvents: readonly string[];
    readonly receiverUrl: string;
    readonly stripeSecret: string;
  }) {
    this.credentials = made.credentials;
    this.shopEvents = made.shopEvents;
    this.#receiverUrl = made.receiverUrl;
    this.#stripeSecret = made.stripeSecret;
  }

  learn(kind: KnownKind, id: string): void {
    const ring = this.#ids.get(kind) ?? new Ring(fewerMax[kind]);
    this.#ids.set(kind, ring);
    ring.add(id);
  }

  learnCode(code: string): void {
    this.#codes.add(code);
  }

  /** Takes a key that a reply has shown. It may be revoked at any time. */
  learnKey(key: string): void {
    this.#learnedKeys.add(key);
  }

  /** Whom a request acts for; null for whoever is no buyer. */
  userOf(credential: Credential): string | null {
    if (credential.kind !== "buyer") return null;
    return this.#buyerAt(credential.n)?.userId ?? null;
  }

  /** The value of the header Authorization; null for none. */
  authorizationOf({ kind, n }: Credential): string | null {
    const { credentials } = this;
    switch (kind) {
      case "none":
        return null;
      case "bad":
        return credentials.bad[n % credentials.bad.length] ?? "Bearer x";
      case "buyer":
        return `Bearer ${this.#buyerAt(n)?.token ?? "x"}`;
      case "learned":
        return `Bearer ${this.#learnedKeys.at(n) ?? credentials.observer}`;
      case "admin":
      case "service":
      case "observer":
        return `Bearer ${credentials[kind]}`;
    }
  }

  /**
   * Fills a template in.
   *
   * @param request who sends it and its number, which makes what is fresh unlike all others
   */
  fill(template: Template, request: { readonly number: number; readonly user: string | null }): string {
    if (!template.includes("@@")) return template;
    return template.replaceAll(/@@(\w+):(\d+)@@/g, (_, kind: StandIn, n: string) =>
      this.#valueOf(kind, Number(n), request),
    );
  }

  /** The signature that Stripe would send with a body. */
  signForStripe(body: string, nowMs: number): string {
    const at = Math.floor(nowMs / 1000);
    return `t=${at},v1=${createHmac("sha256", this.#stripeSecret).update(`${at}.${body}`).digest("hex")}`;
  }

  #valueOf(kind: StandIn, n: number, { number, user }: { number: number; user: string | null }): string {
    switch (kind) {
      case "self":
        return user ?? `customer-${number}-${n}`;
      case "user":
        return this.#buyerAt(n)?.userId ?? `user-${n % usersMax}`;
      case "fresh":
        return `fresh-${number}-${n}`;
      case "phone":
        return phoneNumberAt(n);
      case "code":
        return this.#codes.at(n) ?? "000000";
      case "receiver":
        return this.#receiverUrl;
      case "shop_event":
        return this.shopEvents[n % this.shopEvents.length] ?? nobody;
      case "any_id": {
        const rings = [...this.#ids.values()];
        return rings[n % Math.max(rings.length, 1)]?.at(n) ?? nobody;
      }
      case "new_cart":
        return uuidFrom(`${number} ${n}`);
      case "stripe_signature":
        return "";
      default:
        return this.#idAt(kind, n);
    }
  }

  #idAt(kind: KnownKind, n: number): string {
    return this.#ids.get(kind)?.at(n) ?? nobody;
  }

  #buyerAt(n: number): Buyer | undefined {
    const { buyers } = this.credentials;
    return buyers[n % buyers.length];
  }
}

/** The newest of many values. */
class Ring {
  readonly #values: string[] = [];
  readonly #max: number;
  #next = 0;

  constructor(max = knownMax) {
    this.#max = max;
  }

  add(value: string): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#max;
  }

  at(n: number): string | undefined {
    return this.#values[n % Math.max(this.#values.length, 1)];
  }
}

function uuidFrom(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
