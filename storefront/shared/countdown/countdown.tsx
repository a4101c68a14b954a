import { useServerNow } from "../clock/use-server-now.ts";
import { formatClock } from "../format/times.ts";

interface CountdownProps {
  /** The deadline that the service told, in milliseconds since 1970. */
  readonly endsAtMs: number;
}

/** What is left of a hold, by the server's clock. It is not read out as it runs: see HoldAnnouncer. */
export function Countdown({ endsAtMs }: CountdownProps) {
  const nowMs = useServerNow();
  const leftMs = endsAtMs - nowMs;
  return (
    <span className="countdown" role="timer" aria-live="off" data-is-short={leftMs <= 120_000}>
      {formatClock(leftMs)}
    </span>
  );
}
