import { readRetryAfter, waitAfterFailure } from "../../domain/webhook-schedule.ts";
import type { DatabaseClock } from "../../kernel/clock.ts";
import type { OutsideAnswer, OutsidePoster } from "../../providers/outside/post-outside.ts";
import { signMessage } from "../../providers/webhooks/sign-message.ts";
import type { ClaimedDelivery, DeliveryResult } from "../../store/claim-webhook-deliveries.ts";

/** How long a receiver may take. */
const answerMaxMs = 15_000;
const errorCharactersMax = 300;
/** Says that the receiver wants no more messages, ever. */
const goneStatus = 410;

export interface SendContext {
  readonly poster: Pick<OutsidePoster, "post">;
  readonly clock: Pick<DatabaseClock, "nowMs">;
}

/** What came of a try, and whether the endpoint is to be disabled. */
export interface SentDelivery {
  readonly result: DeliveryResult;
  readonly isGone: boolean;
}

/**
 * Sends a message to its endpoint once, and tells what is to be noted. Never rejects: a failure is a result.
 *
 * @param signal breaks the try off
 */
export async function sendDelivery(
  { poster, clock }: SendContext,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<SentDelivery> {
  const { url, payload, messageId, secret, previousSecret } = delivery;
  const secrets = previousSecret === null ? [secret] : [secret, previousSecret];
  try {
    const headers = {
      "content-type": "application/json",
      "user-agent": "Holdfast-Webhooks/1",
      ...signMessage({ id: messageId, payload }, secrets, clock.nowMs()),
    };
    const answer = await poster.post({ url, headers, body: payload, timeoutMs: answerMaxMs }, signal);
    return judgeAnswer(delivery, answer, clock.nowMs());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { result: failedTry(delivery, message, null, null), isGone: false };
  }
}

function judgeAnswer(delivery: ClaimedDelivery, answer: OutsideAnswer, nowMs: number): SentDelivery {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    const result = { ...noted(delivery), status: "delivered", waitMs: 0, lastStatus: status } as const;
    return { result: { ...result, lastError: null }, isGone: false };
  }
  if (status === goneStatus) {
    const ended = { status: "failed", waitMs: 0, lastError: "The receiver answered 410 Gone." } as const;
    return { result: { ...noted(delivery), ...ended, lastStatus: status }, isGone: true };
  }
  const reason =
    status >= 300 && status < 400
      ? `The receiver answered ${status}; redirects are not followed.`
      : `The receiver answered ${status}.`;
  const retryAfterMs = readRetryAfter(answer.retryAfter, nowMs);
  return { result: failedTry(delivery, reason, status, retryAfterMs), isGone: false };
}

function failedTry(
  delivery: ClaimedDelivery,
  reason: string,
  lastStatus: number | null,
  retryAfterMs: number | null,
): DeliveryResult {
  const waitMs = waitAfterFailure(delivery.attempts + 1, retryAfterMs, Math.random());
  return {
    ...noted(delivery),
    status: waitMs === null ? "failed" : "pending",
    waitMs: waitMs ?? 0,
    lastStatus,
    lastError: reason.slice(0, errorCharactersMax),
  };
}

function noted({ id, attempts }: ClaimedDelivery) {
  return { id, attemptsBefore: attempts };
}
