import type { Timeline } from "../../../api/contract/dashboard-lists.ts";
import { formatExactDuration } from "../../shared/format/times.ts";
import { useNow } from "../../shared/polling/use-now.ts";
import { Instant } from "../../shared/ui/instant.tsx";
import { ReservationStatus } from "./reservation-status.tsx";
import { describeCause, toSteps } from "./steps.ts";

type Reservation = Timeline["data"][number];

/** A reservation's life from top to bottom. A hold that is still open ends with what remains. */
export function ReservationSteps({ reservation }: { readonly reservation: Reservation }) {
  const isHeld = reservation.status === "held";
  const nowMs = useNow(isHeld);
  const leftMs = Date.parse(reservation.expires_at) - nowMs;
  return (
    <ol className="steps" aria-label="Steps, oldest first">
      {toSteps(reservation.history).map((step) => (
        <li
          key={`${step.at} ${step.status} ${step.cause}`}
          className={`steps__step steps__step--${step.status}`}
        >
          <Instant at={step.at} />
          <ReservationStatus status={step.status} />
          <span>{describeCause(step.cause)}</span>
          {step.later === null ? null : <span className="steps__later">{step.later}</span>}
        </li>
      ))}
      {isHeld ? (
        <li className="steps__step steps__step--open">
          <Instant at={reservation.expires_at} />
          <span className="muted">
            {leftMs > 0
              ? `Its deadline, in ${formatExactDuration(leftMs)}.`
              : "Its deadline has passed; it is about to be released."}
          </span>
        </li>
      ) : null}
    </ol>
  );
}
