import type { Series } from "../../../api/contract/dashboard.ts";
import { requestJson } from "../../shared/api/request.ts";
import type { PolledQuery } from "../../shared/polling/use-polled.ts";
import type { RangeMinutes } from "./ranges.ts";

/** A longer range has coarser steps, so it changes less often. */
const everyMsOfRanges: Readonly<Record<RangeMinutes, number>> = {
  5: 2_000,
  15: 5_000,
  60: 10_000,
  360: 15_000,
};

/** A series that knows how far back it was asked to go. */
export type SeriesOfRange = Series & { readonly minutes: RangeMinutes };

/** What the charts draw. */
export function seriesQuery(minutes: RangeMinutes): PolledQuery<SeriesOfRange> {
  return {
    queryKey: ["series", minutes],
    everyMs: everyMsOfRanges[minutes],
    load: async ({ signal }) => {
      const series = await requestJson<Series>(`/ops/v1/series?minutes=${minutes}`, { signal });
      return { ...series, minutes };
    },
    isSame: showsTheSame,
    keepsPrevious: true,
  };
}

/** Points are only added, and old ones fall out with them: the newest point and mark tell whether anything came. */
function showsTheSame(old: SeriesOfRange, latest: SeriesOfRange): boolean {
  return (
    old.points.at(-1)?.at === latest.points.at(-1)?.at &&
    old.points.length === latest.points.length &&
    old.marks.length === latest.marks.length &&
    old.marks.at(-1)?.at === latest.marks.at(-1)?.at
  );
}
