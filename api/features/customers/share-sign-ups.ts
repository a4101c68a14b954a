import type { IdempotentOutcome } from "../../kernel/idempotency.ts";
import { SharedRounds, TooManyWaitingError } from "../../kernel/shared-rounds.ts";
import { runOnce } from "../../store/run-once.ts";
import { failureKindOf } from "../../store/sqlstate.ts";
import { type BegunSignUp, beginSignUps, type SignUp } from "./begin-sign-ups.ts";
import type { VerificationContext } from "./verification-context.ts";

/**
 * Sign-ups come in their thousands when a sale opens, and a transaction for each would take from the sale what it needs.
 * Whoever waits for an SMS does not notice the time in which they gather.
 */
const sharedMax = { itemsMax: 100, waitingMax: 2_000, gatherMs: 50 };

type NotDone = Extract<IdempotentOutcome, { kind: "overloaded" | "database_unavailable" }>;

/** What one sign-up came to, or why that is not known. */
type Answer =
  | { readonly kind: "answered"; readonly result: BegunSignUp | NotDone }
  | { readonly kind: "failed"; readonly error: unknown };

/** Lets sign-ups that come at the same time share a transaction. */
export class SharedSignUps {
  readonly #context: VerificationContext;
  readonly #rounds: SharedRounds<SignUp, Answer>;
  /** Those under way, by what they ask for. */
  readonly #underWay = new Map<string, Promise<BegunSignUp | NotDone>>();

  constructor(context: VerificationContext) {
    this.#context = context;
    this.#rounds = new SharedRounds((signUps) => this.#beginOrSeparate(signUps), sharedMax);
  }

  /** Begins one sign-up. One that is repeated while it is under way is told what that one is told. */
  begin(signUp: SignUp): Promise<BegunSignUp | NotDone> {
    const key = `${signUp.requestDigest} ${signUp.bodyDigest}`;
    const known = this.#underWay.get(key);
    if (known !== undefined) return known;
    // One at a time of each phone, so that those who share a transaction have different ones.
    const begun = this.#context.verification.turns
      .take(signUp.phoneNumber, () => this.#beginOne(signUp))
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, begun);
    return begun;
  }

  async #beginOne(signUp: SignUp): Promise<BegunSignUp | NotDone> {
    try {
      const answer = await this.#rounds.ask(signUp);
      if (answer.kind === "failed") throw answer.error;
      return answer.result;
    } catch (error) {
      if (error instanceof TooManyWaitingError) return { kind: "overloaded" };
      throw error;
    }
  }

  /** Begins all together; when one of them stands in the way, each by itself, so that the others do not suffer. */
  async #beginOrSeparate(signUps: readonly SignUp[]): Promise<readonly Answer[]> {
    const together = await this.#begin(signUps);
    if (signUps.length === 1 || !together.some(mayBeAnothersFault)) return together;
    const answers = [];
    for (const signUp of signUps) answers.push(...(await this.#begin([signUp])));
    return answers;
  }

  async #begin(signUps: readonly SignUp[]): Promise<readonly Answer[]> {
    let begun: readonly BegunSignUp[] = [];
    try {
      const outcome = await runOnce(this.#context.database, null, async (transaction) => {
        begun = await beginSignUps(this.#context, transaction, signUps);
        return { status: 201, body: "" };
      });
      if (outcome.kind === "overloaded" || outcome.kind === "database_unavailable")
        return signUps.map(() => ({ kind: "answered", result: outcome }));
      return begun.map((result) => ({ kind: "answered", result }));
    } catch (error) {
      return signUps.map(() => ({ kind: "failed", error }));
    }
  }
}

/** A lock that one of them waits for, or a value that the database does not take; not a database that is away. */
function mayBeAnothersFault(answer: Answer): boolean {
  if (answer.kind === "answered") return answer.result.kind === "overloaded";
  return failureKindOf(answer.error) !== "unavailable";
}
