import { useEffect, useRef, useState } from "react";
import { useServerNow } from "../clock/use-server-now.ts";
import { showToast } from "../toasts/toasts.ts";
import { findMilestone } from "./milestones.ts";

interface HoldAnnouncerProps {
  readonly endsAtMs: number | null;
}

/** Reads out what is left at 5, 2 and 1 minutes and at the end, and nothing in between. */
export function HoldAnnouncer({ endsAtMs }: HoldAnnouncerProps) {
  const nowMs = useServerNow(endsAtMs !== null);
  const [text, setText] = useState("");
  const before = useRef<{ endsAtMs: number; leftMs: number } | null>(null);
  useEffect(() => {
    if (endsAtMs === null) return;
    const leftMs = endsAtMs - nowMs;
    const last = before.current;
    before.current = { endsAtMs, leftMs };
    if (last === null || last.endsAtMs !== endsAtMs) return;
    const milestone = findMilestone(last.leftMs, leftMs);
    if (milestone === null) return;
    // The end is to be seen too, also where the cart is not looked at. A toast is read out by itself.
    if (leftMs <= 0) showToast(milestone);
    else setText(milestone);
  }, [endsAtMs, nowMs]);
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
