import { anonymous } from "../api/clients.ts";
import { serverNowMs } from "../clock/server-clock.ts";
import { runAlone } from "../storage/run-alone.ts";
import { judgeSession, type Session, storedSession } from "./session.ts";

/**
 * The guest to act for: the one of this browser while its token lives, otherwise a fresh one. The service has no way to
 * renew a guest's token, so what the old guest has can then not be read any more.
 *
 * @param neededMs how long it has to live at least
 * @throws HoldfastError, `unauthorized` where the shop takes no guests, and UnreachableError
 */
export async function ensureSession(neededMs = 0): Promise<Session> {
  return runAlone("holdfast-guest", async () => {
    const state = judgeSession(storedSession.read());
    if (state.kind === "living" && state.session.ends_at_ms - serverNowMs() > neededMs) return state.session;
    const made = await anonymous.createBuyerToken();
    const session = {
      token: made.buyer_token,
      user_id: made.user_id,
      ends_at_ms: Date.parse(made.expires_at),
      is_verified: false,
    };
    storedSession.write(session);
    return session;
  });
}
