import { serverNowMs } from "../clock/server-clock.ts";
import { isRecord, numberOf, textOf } from "../storage/read-members.ts";
import { storedValue } from "../storage/stored-value.ts";

/** Whom this browser acts for, and until when: a guest, or a customer with a verified phone. */
export interface Session {
  readonly token: string;
  readonly user_id: string;
  readonly ends_at_ms: number;
  readonly is_verified: boolean;
}

/** `none`: there has been no need for one yet. `ended`: it can read and change nothing any more. */
export type SessionState =
  | { readonly kind: "none" }
  | { readonly kind: "living"; readonly session: Session }
  | { readonly kind: "ended"; readonly endedAtMs: number; readonly userId: string };

/** A token that has less than this left is not used for anything new. */
const remainderMs = 5_000;

export const storedSession = storedValue<Session>("holdfast-guest", (json) => {
  const [token, user_id, ends_at_ms] = [
    textOf(json, "token"),
    textOf(json, "user_id"),
    numberOf(json, "ends_at_ms"),
  ];
  if (token === null || user_id === null || ends_at_ms === null) return null;
  return { token, user_id, ends_at_ms, is_verified: isRecord(json) && json["is_verified"] === true };
});

/** How a stored session stands now. */
export function judgeSession(session: Session | null, nowMs = serverNowMs()): SessionState {
  if (session === null) return { kind: "none" };
  if (session.ends_at_ms - remainderMs > nowMs) return { kind: "living", session };
  return { kind: "ended", endedAtMs: session.ends_at_ms, userId: session.user_id };
}

/** The token to call with; null when there is none that lives. */
export function readToken(): string | null {
  const state = judgeSession(storedSession.read());
  return state.kind === "living" ? state.session.token : null;
}

/** Notes that the service does not know the token any more, whatever its end was to be. */
export function endSession(): void {
  const session = storedSession.read();
  if (session === null) return;
  storedSession.write({ ...session, ends_at_ms: Math.min(session.ends_at_ms, serverNowMs()) });
}
