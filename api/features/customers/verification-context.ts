import type { DurableJob } from "../../domain/durable-job.ts";
import { makeId } from "../../kernel/ids.ts";
import { Turns } from "../../kernel/take-turns.ts";
import type { NewVerification } from "../../store/customers.ts";
import type { JobStatements } from "../../store/job-queue.ts";
import type { Database } from "../../store/open-database.ts";
import type { VerificationCodes } from "./verification-codes.ts";

/** How codes are made, and for how long and how often they may be tried. */
export interface VerificationTerms {
  readonly codes: VerificationCodes;
  readonly validSeconds: number;
  readonly attemptsMax: number;
  /** Of customers and of phones, on each of which one transaction works at a time. */
  readonly turns: Turns;
}

/** Enough for any household, and so few that who floods one phone waits for nothing but that. */
export function openVerificationTurns(): Turns {
  return new Turns({ lengthMax: 100, waitMaxMs: 3_000 });
}

/** What sign-ups and new codes work with. */
export interface VerificationContext {
  readonly database: Database;
  readonly verification: VerificationTerms;
  readonly jobStatements: Pick<JobStatements, "enqueue">;
}

/** Too many codes were asked for: another may be sent after that time. */
export interface CodesLimited {
  readonly kind: "codes_limited";
  readonly waitMs: number;
}

/** A verification that is about to begin, with a code of its own. */
export function drawVerification({ codes, validSeconds, attemptsMax }: VerificationTerms): NewVerification {
  const id = makeId();
  return { id, codeDigest: codes.digestOf(id, codes.codeOf(id)), attemptsMax, validSeconds };
}

/** The job that sends the code of a verification. */
export function sendCodeJob(verificationId: string): DurableJob {
  return { queue: "send-code", id: verificationId, startAfterSeconds: 0 };
}
