import type { SeededRandom } from "../../seeded-random.ts";
import type { Call, Settled } from "../call.ts";
import type { EventMarket, HotEvent } from "../event-market.ts";
import type { Client } from "../shop-calls.ts";
import type { CodeReader } from "../tail-codes.ts";

/** What a client on a journey has at hand. */
export interface Journey {
  /** This journey's own. */
  readonly random: SeededRandom;
  readonly market: EventMarket;
  readonly adminKey: string;
  readonly serviceKey: string;
  /** Null where the outbox cannot be read. */
  readonly codes: CodeReader | null;
  /** Customers with a verified phone, for others to buy as. */
  readonly verifiedUsers: RecentUsers;
  /** Settles a call when its turn has come. @throws WorkloadEnded */
  ask<Reply>(call: Call<Reply>): Promise<Settled<Reply>>;
  /** Sends calls at the same moment, and settles all of them. @throws WorkloadEnded */
  askAtOnce<Reply>(calls: readonly Call<Reply>[]): Promise<readonly Settled<Reply>[]>;
  /** @throws WorkloadEnded */
  pause(ms: number): Promise<void>;
  /** A user that nobody has been yet. */
  newUser(): string;
  /** A phone number that nobody has had yet; null when there are no more. */
  newPhone(): string | null;
}

/** Users that can be taken up again; only so many are remembered. */
export class RecentUsers {
  readonly #max: number;
  #users: string[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  add(user: string): void {
    this.#users = [user, ...this.#users].slice(0, this.#max);
  }

  /** @returns null while there is none */
  choose(random: SeededRandom): string | null {
    return this.#users.length === 0 ? null : random.choose(this.#users);
  }
}

/** The shop, acting for a user. */
export function asShop({ serviceKey }: Journey, user: string): Client {
  return { user, credential: serviceKey };
}

/** Draws how many tickets somebody wants: mostly one. */
export function drawQuantity({ random }: Journey, { quantityMax }: HotEvent): number {
  return random.happens(0.6) ? 1 : random.between(1, quantityMax);
}

/** Lets the market know of a refusal. @returns what was held; null when nothing was */
export function heldOrNoted<Reply>(
  { market }: Journey,
  event: string,
  settled: Settled<Reply>,
): Reply | null {
  if (settled.kind === "done") return settled.reply;
  market.noteRefusal(event, settled.code);
  return null;
}
