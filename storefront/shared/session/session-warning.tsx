import { useServerNow } from "../clock/use-server-now.ts";
import { formatInstant } from "../format/times.ts";
import { Notice } from "../ui/notice.tsx";
import { useSession } from "./use-session.ts";

const soonMs = 5 * 60_000;

/** Tells when the guest's session ends before the hold does, or soon: after it the cart is out of reach. */
export function SessionWarning({ holdEndMs }: { readonly holdEndMs: number | null }) {
  const session = useSession();
  const nowMs = useServerNow();
  if (session.kind !== "living" || holdEndMs === null) return null;
  const endsAtMs = session.session.ends_at_ms;
  if (endsAtMs > holdEndMs && endsAtMs - nowMs > soonMs) return null;
  return (
    <Notice
      tone="wait"
      title={`Your ${session.session.is_verified ? "" : "guest "}session ends at ${formatInstant(endsAtMs, nowMs)}.`}
    >
      <p>Please check out before then: afterwards this page cannot reach your cart any more.</p>
    </Notice>
  );
}
