import { useEffect, useRef, useState } from "react";
import { useServerNow } from "../clock/use-server-now.ts";
import { showToast } from "../toasts/toasts.ts";
import { findMilestone } from "./milestones.ts";

interface HoldAnnouncerProps {
  readonly endsAtMs: number | null;
  /** Whether the end is shown too, for who does not look at the cart; what is shown is read out by itself. */
  readonly isEndShown?: boolean;
}

/** Reads out what is left at 5, 2 and 1 minutes and at the end, and nothing in between. */
export function HoldAnnouncer({ endsAtMs, isEndShown = false }: HoldAnnouncerProps) {
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
    if (leftMs <= 0 && isEndShown) showToast(milestone);
    else setText(milestone);
  }, [endsAtMs, nowMs, isEndShown]);
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
