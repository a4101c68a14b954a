import { Countdown } from "../../shared/countdown/countdown.tsx";
import { formatInstant } from "../../shared/format/times.ts";

/** Where the open cart finds what it is read out with. */
export const holdClockId = "hold-clock";

interface HoldClockProps {
  readonly endsAtMs: number | null;
  readonly nowMs: number;
}

/** How long everything in the cart is still held, large. */
export function HoldClock({ endsAtMs, nowMs }: HoldClockProps) {
  if (endsAtMs === null) return null;
  return (
    <div className="hold-clock" id={holdClockId}>
      <p>
        Held for you until <strong>{formatInstant(endsAtMs, nowMs)}</strong>
      </p>
      <p className="hold-clock__left">
        <Countdown endsAtMs={endsAtMs} />
        <span className="visually-hidden"> left</span>
      </p>
    </div>
  );
}
