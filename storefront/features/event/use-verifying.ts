import type { EventReply } from "@holdfast/client";
import { useState } from "react";
import { codeOf } from "../../shared/api/explain-problem.ts";
import { useSession } from "../../shared/session/use-session.ts";
import { useStored } from "../../shared/storage/stored-value.ts";
import { storedSignUp } from "../../shared/verification/stored-sign-up.ts";

/**
 * Whether a phone has to be verified before an event's tickets can be reserved, and whether that is under way.
 *
 * @param refusal why tickets were refused last: the event may ask for a phone by now, or the shop not know ours
 */
export function useVerifying({ id, requires_verified_phone }: EventReply, refusal: unknown) {
  const session = useSession();
  const signUp = useStored(storedSignUp);
  // Once begun it stays open, also when what was sent before a reload is refused.
  const [isWanted, setIsWanted] = useState(() => storedSignUp.read() !== null);
  const isVerified = session.kind === "living" && session.session.is_verified;
  const isRefused = codeOf(refusal) === "phone_not_verified";
  const isNeeded = (requires_verified_phone && !isVerified) || isRefused;
  const isOpen = isNeeded && (isWanted || signUp !== null);
  return {
    isNeeded,
    isOpen,
    /** The tickets for which a phone is being verified, as after a reload; null while nothing was sent. */
    quantity: isOpen && signUp?.event_id === id ? signUp.quantity : null,
    open: () => setIsWanted(true),
    close: () => {
      setIsWanted(false);
      storedSignUp.write(null);
    },
  };
}
