import { useEffect, useReducer } from "react";
import { serverNowMs } from "../clock/server-clock.ts";
import { useStored } from "../storage/stored-value.ts";
import { judgeSession, type SessionState, storedSession } from "./session.ts";

const longestWaitMs = 60_000;

/** How the guest's session stands; told again when it ends. */
export function useSession(): SessionState {
  const session = useStored(storedSession);
  const [, judgeAgain] = useReducer((count: number) => count + 1, 0);
  const state = judgeSession(session);
  const endsAtMs = state.kind === "living" ? state.session.ends_at_ms : null;
  useEffect(() => {
    if (endsAtMs === null) return undefined;
    const leftMs = endsAtMs - serverNowMs();
    // In steps, since a computer that sleeps does not count the time.
    const timer = setInterval(judgeAgain, Math.min(longestWaitMs, Math.max(leftMs, 1_000)));
    return () => clearInterval(timer);
  }, [endsAtMs]);
  return state;
}
