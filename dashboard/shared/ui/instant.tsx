import { formatMoment, formatUtc } from "../format/times.ts";

/** A moment in local time; its title tells it in UTC. */
export function Instant({
  at,
  atMs = Date.parse(at ?? ""),
}: {
  readonly at?: string;
  readonly atMs?: number;
}) {
  return (
    <time className="figure" dateTime={new Date(atMs).toISOString()} title={formatUtc(atMs)}>
      {formatMoment(atMs, Date.now())}
    </time>
  );
}
