import { Button } from "@mantine/core";
import { useState } from "react";
import type { FiringAlert } from "../../api/contract/dashboard.ts";
import { formatDuration } from "../shared/format/times.ts";
import { useLatest } from "../shared/polling/use-polled.ts";
import { overviewQuery } from "../shared/queries/overview-query.ts";
import { Instant } from "../shared/ui/instant.tsx";
import { ToneWord } from "../shared/ui/tone-word.tsx";

const shownMax = 3;

/** What fires, the worst first, and since when. */
export function FiringAlerts() {
  const { data } = useLatest(overviewQuery);
  const [showsAll, setShowsAll] = useState(false);
  if (data === undefined || data.firing.length === 0) return null;
  const shown = showsAll ? data.firing : data.firing.slice(0, shownMax);
  const hidden = data.firing.length - shown.length;
  return (
    <div className="firing">
      <ul aria-label="Firing alerts">
        {shown.map((alert) => (
          <Alert key={alert.name} alert={alert} nowMs={Date.parse(data.at)} />
        ))}
      </ul>
      {hidden > 0 ? (
        <Button size="compact-xs" variant="subtle" onClick={() => setShowsAll(true)}>
          Show {hidden} more
        </Button>
      ) : null}
    </div>
  );
}

function Alert({ alert, nowMs }: { readonly alert: FiringAlert; readonly nowMs: number }) {
  return (
    <li>
      <ToneWord tone={alert.severity} word={alert.severity === "critical" ? "Critical" : "Warning"} />
      <span className="firing__name">{alert.name}</span>
      <span>{alert.summary}</span>
      <span className="firing__since">
        since <Instant at={alert.since} /> ({formatDuration(nowMs - Date.parse(alert.since))})
      </span>
    </li>
  );
}
