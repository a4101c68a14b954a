import { NoPaymentAnswerError } from "./payment-provider.ts";

/**
 * Waits for a provider's answer no longer than the caller does.
 *
 * @throws NoPaymentAnswerError when the signal aborts first; what was asked for goes on all the same
 */
export async function waitForAnswer<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  // Nobody may be left to hear of a failure that comes after the wait has ended.
  answer.catch(() => {});
  const gaveUp = Promise.withResolvers<never>();
  const onAbort = () => gaveUp.reject(new NoPaymentAnswerError("Nobody waited for the answer any longer."));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([answer, gaveUp.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
