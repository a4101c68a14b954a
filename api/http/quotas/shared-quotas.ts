import { LocalQuotas } from "./local-quotas.ts";
import { clientCharactersMax, quotaCallsMax, quotaReply, type QuotaRequest } from "./quota-messages.ts";
import type { QuotaPolicy, QuotaSource, QuotaUse, RateLimits } from "./quota-source.ts";

export interface SharedQuotasOptions {
  /** By these is decided here when the supervisor does not answer. */
  readonly limits: RateLimits;
  /** Passes a message to the supervisor. False, or an exception, means that it cannot be passed. */
  readonly send: (message: QuotaRequest) => boolean;
  /** How long an answer is waited for. */
  readonly replyMaxMs?: number;
  /** The same for what sends an SMS: that costs money, and nobody's hold waits for it. */
  readonly signupReplyMaxMs?: number;
  /** After an answer that did not come, nothing is asked for this long. */
  readonly restMs?: number;
}

interface Call {
  readonly policy: QuotaPolicy;
  readonly client: string;
  readonly resolve: (use: QuotaUse | Promise<QuotaUse>) => void;
}

interface Batch {
  readonly calls: readonly Call[];
  readonly timer: NodeJS.Timeout;
}

/**
 * Quotas that all workers of a machine share: the supervisor counts, and each worker asks it once for all the
 * requests of one turn of its event loop. A supervisor that is stopped or gone must not stop sales: then each worker
 * counts for itself, which allows a client up to the limit at each worker. What sends an SMS waits longer before that.
 */
export class SharedQuotas implements QuotaSource {
  readonly #send: SharedQuotasOptions["send"];
  readonly #replyMaxMs: number;
  readonly #signupReplyMaxMs: number;
  readonly #restMs: number;
  readonly #local: LocalQuotas;
  readonly #batches = new Map<number, Batch>();
  /** The calls of this turn, by how long their answer is waited for. */
  readonly #gathering = new Map<number, Call[]>();
  #waiting = 0;
  #batchCount = 0;
  #restsUntilMs = 0;

  constructor({
    limits,
    send,
    replyMaxMs = 250,
    signupReplyMaxMs = 3_000,
    restMs = 1_000,
  }: SharedQuotasOptions) {
    this.#send = send;
    this.#replyMaxMs = replyMaxMs;
    this.#signupReplyMaxMs = signupReplyMaxMs;
    this.#restMs = restMs;
    this.#local = new LocalQuotas(limits);
  }

  consume(policy: QuotaPolicy, client: string): Promise<QuotaUse> {
    const isPatient = policy === "signup";
    const rests = !isPatient && performance.now() < this.#restsUntilMs;
    if (this.#waiting >= quotaCallsMax || rests) return this.#local.consume(policy, client);
    const waitMaxMs = isPatient ? this.#signupReplyMaxMs : this.#replyMaxMs;
    return new Promise((resolve) => {
      const gathering = this.#gathering.get(waitMaxMs) ?? [];
      this.#gathering.set(waitMaxMs, gathering);
      // Behind a careless proxy an address may be any text, and one call too long would spoil its whole message.
      gathering.push({ policy, client: client.slice(0, clientCharactersMax), resolve });
      this.#waiting += 1;
      if (gathering.length === 1) setImmediate(() => this.#ask(waitMaxMs));
    });
  }

  /**
   * Takes in a message of the supervisor.
   *
   * @param message as it came from another process, hence of any shape
   * @returns false when it is not a well-formed answer to a request of ours; then it was ignored
   */
  receive(message: unknown): boolean {
    const parsed = quotaReply.safeParse(message);
    if (!parsed.success) return false;
    const { id, uses } = parsed.data;
    // An answer that comes too late is no fault: its calls have been decided here.
    if (!this.#batches.has(id)) return id < this.#batchCount;
    if (this.#batches.get(id)?.calls.length !== uses.length) return false;
    this.#finish(id).forEach(({ resolve }, index) => {
      const use = uses[index];
      if (use !== undefined) resolve(use);
    });
    return true;
  }

  #ask(waitMaxMs: number): void {
    const calls = this.#gathering.get(waitMaxMs) ?? [];
    this.#gathering.delete(waitMaxMs);
    const id = this.#batchCount;
    this.#batchCount += 1;
    const timer = setTimeout(() => this.#decideHere(id), waitMaxMs);
    this.#batches.set(id, { calls, timer });
    const asked = calls.map(({ policy, client }) => ({ policy, client }));
    if (!this.#trySend({ kind: "quota_request", id, calls: asked })) this.#decideHere(id);
  }

  #trySend(message: QuotaRequest): boolean {
    try {
      return this.#send(message);
    } catch {
      // The channel is closed. What follows is the same as for an answer that does not come.
      return false;
    }
  }

  #decideHere(id: number): void {
    this.#restsUntilMs = performance.now() + this.#restMs;
    for (const { policy, client, resolve } of this.#finish(id)) {
      resolve(this.#local.consume(policy, client));
    }
  }

  #finish(id: number): readonly Call[] {
    const batch = this.#batches.get(id);
    if (batch === undefined) return [];
    this.#batches.delete(id);
    clearTimeout(batch.timer);
    this.#waiting -= batch.calls.length;
    return batch.calls;
  }
}
