import { Link } from "wouter";
import type { Timeline } from "../../../api/contract/dashboard-lists.ts";
import { countOf } from "../../shared/format/numbers.ts";
import { CopyButton } from "../../shared/ui/copy-button.tsx";
import { Instant } from "../../shared/ui/instant.tsx";
import { ReservationStatus } from "./reservation-status.tsx";
import { ReservationSteps } from "./reservation-steps.tsx";

type Reservation = Timeline["data"][number];

interface ReservationCardProps {
  readonly reservation: Reservation;
  /** Whether it was sought by its id, so that a link to it would lead here. */
  readonly isOnlyOne: boolean;
}

const deadlineWords: Readonly<Record<Reservation["status"], string>> = {
  held: "Ends",
  expired: "Ended",
  confirmed: "Would have ended",
  cancelled: "Would have ended",
};

/** A reservation with what became of it. */
export function ReservationCard({ reservation, isOnlyOne }: ReservationCardProps) {
  const { id, event_name: eventName, user_id: userId, quantity, status } = reservation;
  return (
    <li className="panel reservation">
      <div className="reservation__head">
        <h2 className="reservation__event">{eventName}</h2>
        <ReservationStatus status={status} />
      </div>
      <dl className="reservation__facts">
        <div>
          <dt>Tickets</dt>
          <dd>{countOf(quantity, "ticket")}</dd>
        </div>
        <div>
          <dt>User</dt>
          <dd>
            {isOnlyOne ? (
              <Link href={`/reservations?user_id=${encodeURIComponent(userId)}`}>{userId}</Link>
            ) : (
              userId
            )}
          </dd>
        </div>
        <div>
          <dt>{deadlineWords[status]}</dt>
          <dd>
            <Instant at={reservation.expires_at} />
          </dd>
        </div>
        <div className="reservation__id">
          <dt>Reservation</dt>
          <dd>
            {isOnlyOne ? (
              <span className="code">{id}</span>
            ) : (
              <Link className="code" href={`/reservations?id=${id}`}>
                {id}
              </Link>
            )}
            <CopyButton text={id} what="reservation id" />
          </dd>
        </div>
      </dl>
      <ReservationSteps reservation={reservation} />
    </li>
  );
}
