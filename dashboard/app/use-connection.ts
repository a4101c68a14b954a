import { isUnauthorized } from "../shared/api/request.ts";
import { type Connection, judgeConnection } from "../shared/polling/freshness.ts";
import { usePolling } from "../shared/polling/polling-context.tsx";
import { useNow } from "../shared/polling/use-now.ts";
import { useLatest } from "../shared/polling/use-polled.ts";
import { overviewQuery } from "../shared/queries/overview-query.ts";

/** Whether figures arrive, judged by the question that every page asks. */
export function useConnection(): { readonly connection: Connection; readonly ageMs: number } {
  const { isPaused } = usePolling();
  const nowMs = useNow();
  const { dataUpdatedAt, error } = useLatest(overviewQuery);
  const hasFailed = error !== null && !isUnauthorized(error);
  const connection = judgeConnection(
    { updatedAtMs: dataUpdatedAt, hasFailed, isPaused },
    nowMs,
    overviewQuery.everyMs,
  );
  return { connection, ageMs: dataUpdatedAt === 0 ? 0 : Math.max(0, nowMs - dataUpdatedAt) };
}
