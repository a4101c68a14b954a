import { formatDuration, formatUtc } from "../format/times.ts";
import { useLatest } from "../polling/use-polled.ts";
import { overviewQuery } from "../queries/overview-query.ts";

/** How long something has been so, by the server's clock, since this browser's may be wrong. */
export function Age({ since }: { readonly since: string }) {
  const { data } = useLatest(overviewQuery);
  const sinceMs = Date.parse(since);
  const nowMs = data === undefined ? Date.now() : Date.parse(data.at);
  return (
    <time className="figure" dateTime={since} title={formatUtc(sinceMs)}>
      {formatDuration(nowMs - sinceMs)}
    </time>
  );
}
