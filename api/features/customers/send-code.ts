import { SharedRounds } from "../../kernel/shared-rounds.ts";
import { ProviderFailure } from "../../providers/outside/provider-failure.ts";
import type { SmsProvider } from "../../providers/sms/sms-provider.ts";
import type { Database } from "../../store/open-database.ts";
import {
  type CodeToSend,
  markCodesRefused,
  markCodesSent,
  selectCodesToSend,
} from "../../store/verifications.ts";
import { renderCode } from "./render-code.ts";
import type { VerificationCodes } from "./verification-codes.ts";

/** Codes come in their thousands when a sale opens, and a commit for each would take from the sale what it needs. */
const sharedMax = { itemsMax: 100, waitingMax: 1_000 };
const reasonCharactersMax = 300;

/** The verifications as those see them who send codes: what several ask for at once is read and written at once. */
export class CodeBooks {
  readonly #reads: SharedRounds<string, CodeToSend | null>;
  readonly #marks: SharedRounds<string, null>;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    this.#reads = new SharedRounds(async (ids) => {
      const found = await selectCodesToSend(database, ids);
      return ids.map((id) => found.get(id) ?? null);
    }, sharedMax);
    this.#marks = new SharedRounds(async (ids) => {
      await markCodesSent(database, ids);
      return ids.map(() => null);
    }, sharedMax);
  }

  find(verificationId: string): Promise<CodeToSend | null> {
    return this.#reads.ask(verificationId);
  }

  async markSent(verificationId: string): Promise<void> {
    await this.#marks.ask(verificationId);
  }

  async markRefused(verificationId: string, reason: string): Promise<void> {
    await markCodesRefused(this.#database, [{ verificationId, reason }]);
  }
}

export interface SendCodeContext {
  readonly codeBooks: CodeBooks;
  readonly codes: VerificationCodes;
  readonly sms: SmsProvider;
}

/** `given_up`: the gateway will never take it. */
export type SendCodeOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "given_up"; readonly reason: string };

/**
 * Sends the code of a verification, unless it is of no use any more: ended, late, or known to have been sent. Whoever
 * dies between sending and writing that down leaves a message that comes twice, with the same code.
 *
 * @throws when the gateway did not take it, or that is not known, or the database is away; to be tried again
 */
export async function sendCode(
  { codeBooks, codes, sms }: SendCodeContext,
  verificationId: string,
  signal: AbortSignal,
): Promise<SendCodeOutcome> {
  const code = await codeBooks.find(verificationId);
  if (code === null)
    throw new Error(`There is a code to be sent for the verification ${verificationId}, but no such one.`);
  if (code.status !== "pending" || code.isSent || code.remainingMs <= 0) return { kind: "done" };
  const text = renderCode(codes.codeOf(verificationId), code.remainingMs);
  try {
    await sms.send({ id: verificationId, to: code.phoneNumber, text }, signal);
  } catch (error) {
    if (!(error instanceof ProviderFailure && error.retry === "never")) throw error;
    const reason = error.message.slice(0, reasonCharactersMax);
    await codeBooks.markRefused(verificationId, reason);
    return { kind: "given_up", reason };
  }
  await codeBooks.markSent(verificationId);
  return { kind: "done" };
}
