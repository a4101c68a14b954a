import { useEffect, useEffectEvent, useState } from "react";
import { codeOf, retryAfterMsOf } from "../../shared/api/explain-problem.ts";
import { serverNowMs } from "../../shared/clock/server-clock.ts";
import { leaveCart } from "../../shared/cart/stored-cart.ts";
import { storedSession } from "../../shared/session/session.ts";
import { type SentCode, storedSignUp } from "../../shared/verification/stored-sign-up.ts";
import { readCode, sendNewCode, tryCode } from "./customer-calls.ts";

interface CodeOptions {
  /** Whether it was sent before the page was loaded, so that the service has to be asked how it stands. */
  readonly isRestored: boolean;
  readonly onVerified: () => void;
  /** Told when the service does not know the sign-up, or not any more. */
  readonly onLost: (error: unknown) => void;
}

/** What can be done with a code that was sent. What comes of it is stored, so that a reload goes on from there. */
export function useCode({ isRestored, onVerified, onLost }: CodeOptions) {
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [wrongTries, setWrongTries] = useState(0);
  const [resends, setResends] = useState(0);
  const run = async (act: (code: SentCode) => Promise<void>) => {
    const code = storedSignUp.read()?.code ?? null;
    if (isBusy || code === null) return;
    setIsBusy(true);
    setFailure(null);
    try {
      await act(code);
    } catch (error) {
      if (codeOf(error) === "customer_not_found") {
        // It was used elsewhere, or is gone. Whoever still needs it begins anew, with what was typed.
        onLost(error);
        return;
      }
      noteWait(error);
      setFailure(error);
    } finally {
      setIsBusy(false);
    }
  };
  const readAgain = useEffectEvent(() => run(async (code) => store(await readCode(code))));
  useEffect(() => {
    // After a reload it is the service that knows how many tries are left.
    if (isRestored) void readAgain();
  }, [isRestored]);
  return {
    isBusy,
    failure,
    /** How many wrong codes were entered since the last SMS; 0 again with the next one. */
    wrongTries,
    resends,
    tryDigits: (digits: string) =>
      run(async (code) => {
        const reply = await tryCode(code, digits);
        const attempts_left = Math.min(code.attempts_left, reply.attempts_left);
        if (reply.result === "incorrect") setWrongTries((count) => count + 1);
        if (reply.result !== "verified") {
          const end = reply.result === "incorrect" ? null : reply.result;
          store({ ...code, attempts_left, end: end === "max_attempts_reached" ? "exhausted" : end });
          return;
        }
        const { buyer_token: token, user_id, expires_at } = reply;
        if (token === undefined || user_id === undefined || expires_at === undefined)
          throw new Error("A verified customer came without a token.");
        storedSession.write({ token, user_id, ends_at_ms: Date.parse(expires_at), is_verified: true });
        leaveCart();
        storedSignUp.write(null);
        onVerified();
      }),
    resend: () =>
      run(async (code) => {
        store(await sendNewCode(code));
        setWrongTries(0);
        setResends((count) => count + 1);
      }),
  };
}

function store(code: SentCode): void {
  const signUp = storedSignUp.read();
  if (signUp?.code?.customer_id === code.customer_id) storedSignUp.write({ ...signUp, code });
}

/** When the service asks to wait, that is when the next code may be asked for. */
function noteWait(error: unknown): void {
  const [signUp, waitMs] = [storedSignUp.read(), retryAfterMsOf(error)];
  if (codeOf(error) !== "rate_limited" || waitMs === null || !signUp?.code) return;
  storedSignUp.write({ ...signUp, code: { ...signUp.code, resend_at_ms: serverNowMs() + waitMs } });
}
