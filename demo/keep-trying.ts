import { setTimeout as wait } from "node:timers/promises";
import { type Answer, NoAnswerError, problemCodeOf } from "./http-sender.ts";

/** How a request ended, with every repetition under the same key counted. */
export type Effort =
  | { readonly kind: "answered"; readonly answer: Answer; readonly tries: number }
  /** Patience ran out, so whether the request had its effect is not known. */
  | { readonly kind: "gave_up"; readonly reason: string; readonly tries: number };

export interface Patience {
  /** From the first try on. */
  readonly patienceMs: number;
  /** Nothing is tried again once this is aborted. */
  readonly giveUp: AbortSignal;
  /** @returns from 0 to below 1 */
  readonly random: () => number;
  readonly nowMs: () => number;
  /** Waits, or less when told to give up. */
  readonly pause: (ms: number, giveUp: AbortSignal) => Promise<void>;
}

/** The real clock and real randomness. @param patienceMs how long one request is tried */
export function makePatience(patienceMs: number, giveUp: AbortSignal): Patience {
  const pause = (ms: number) => wait(ms, undefined, { signal: giveUp }).catch(() => {});
  return { patienceMs, giveUp, random: Math.random, nowMs: () => performance.now(), pause };
}

/** One try may take as long as the service may, and a little more. */
const tryMaxMs = 10_000;

/**
 * Sends a request until its answer is definite: again after a time-out, a reset, a 5xx, a 429, or while the first
 * one is still being served. Only for requests that may be repeated, which is what an Idempotency-Key makes of them.
 *
 * @param send sends the request once; its parameter is how long it may take
 */
export async function keepTrying(
  send: (limitMs: number) => Promise<Answer>,
  { patienceMs, giveUp, random, nowMs, pause }: Patience,
): Promise<Effort> {
  const deadlineMs = nowMs() + patienceMs;
  for (let tries = 1; ; tries += 1) {
    const limitMs = Math.max(1, Math.min(tryMaxMs, deadlineMs - nowMs()));
    const result = await send(limitMs).catch((error: unknown) => {
      if (error instanceof NoAnswerError) return error;
      throw error;
    });
    if (!(result instanceof NoAnswerError) && isDefinite(result))
      return { kind: "answered", answer: result, tries };
    const reason = result instanceof NoAnswerError ? result.code : describe(result);
    const waitMs = backOffMs(tries, retryAfterMs(result), random);
    if (giveUp.aborted || nowMs() + waitMs >= deadlineMs) return { kind: "gave_up", reason, tries };
    await pause(waitMs, giveUp);
    if (giveUp.aborted) return { kind: "gave_up", reason, tries };
  }
}

/** Whether an answer tells for certain what came of the request. */
export function isDefinite(answer: Answer): boolean {
  const { status } = answer;
  if (status >= 500 || status === 408 || status === 429) return false;
  return !(status === 409 && problemCodeOf(answer) === "idempotency_in_progress");
}

const firstWaitMs = 50;
const longestWaitMs = 2_000;

/**
 * How long to wait before the next try. Doubles each time up to 2 s, and half of it is chance, so that buyers who
 * failed together do not come back together. Never shorter than the service asks for.
 *
 * @param tries how many there have been, at least 1
 * @param askedForMs what the service asks for, 0 when it asks for nothing
 */
export function backOffMs(tries: number, askedForMs: number, random: () => number): number {
  const stepMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1));
  return Math.max(askedForMs, 0) + stepMs * (0.5 + random() / 2);
}

function retryAfterMs(result: Answer | NoAnswerError): number {
  if (result instanceof NoAnswerError || result.retryAfter === null) return 0;
  // The service gives seconds; a date, which a proxy may give, is as good as no wish.
  return /^\d{1,6}$/.test(result.retryAfter) ? Number(result.retryAfter) * 1000 : 0;
}

function describe(answer: Answer): string {
  return problemCodeOf(answer) ?? `status ${answer.status}`;
}
