import { Skeleton } from "@mantine/core";
import {
  type Icon,
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleXFilled,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { HealthStatus, Overview } from "../../api/contract/dashboard.ts";
import { formatCount, formatMeasure, formatPercent } from "../shared/format/numbers.ts";
import { formatDuration } from "../shared/format/times.ts";
import { useLatest } from "../shared/polling/use-polled.ts";
import { overviewQuery } from "../shared/queries/overview-query.ts";
import { wordOfStatus } from "../shared/thresholds.ts";
import { Figure } from "../shared/ui/figure.tsx";
import { Instant } from "../shared/ui/instant.tsx";
import { useConnection } from "./use-connection.ts";

interface Look {
  readonly tone: "good" | "warning" | "critical" | "unknown";
  readonly icon: Icon;
  readonly word: string;
}

/** One sentence on how it goes, in word, icon and colour, and the few figures that decide it. */
export function VerdictBar({ tools }: { readonly tools: ReactNode }) {
  const { data } = useLatest(overviewQuery);
  const { connection } = useConnection();
  const isKnown = connection === "live" || connection === "late";
  const { tone, icon: Sign, word } = lookFor(isKnown ? data?.status : undefined);
  const isAnswered = data !== undefined || connection === "lost";
  return (
    <div className={`verdict verdict--${tone}`}>
      <Sign className="verdict__icon" size={28} aria-hidden />
      <div className="verdict__text">
        <p className="verdict__sentence" role="status">
          {isAnswered ? <span className="verdict__word">{word}</span> : null}
          {isAnswered ? sentenceFor(data, isKnown) : "Asking how it goes..."}
        </p>
        <p className="verdict__since">
          {data === undefined ? (
            <Skeleton component="span" display="inline-block" width={150} height={11} animate={false} />
          ) : (
            <>
              {isKnown ? "Since" : `${wordOfStatus(data.status)} since`} <Instant at={data.since} />,{" "}
              {formatDuration(Date.parse(data.at) - Date.parse(data.since))}
            </>
          )}
        </p>
      </div>
      {data === undefined ? null : <VerdictFacts overview={data} isOld={!isKnown} />}
      <div className="verdict__tools verdict__tools--wide">{tools}</div>
    </div>
  );
}

interface VerdictFactsProps {
  readonly overview: Overview;
  readonly isOld: boolean;
}

function VerdictFacts({ overview, isOld }: VerdictFactsProps) {
  const { oversold, rps, error_percent: errorPercent, latency_ms: latency } = overview;
  return (
    <dl className="verdict__facts aged" data-is-old={isOld}>
      <div className={(oversold ?? 0) > 0 ? "verdict__fact--critical" : undefined}>
        <dt>Oversold</dt>
        <dd>
          <Figure text={formatCount(oversold)} />
        </dd>
      </div>
      <div>
        <dt>Requests/s</dt>
        <dd>
          <Figure text={formatMeasure(rps)} />
        </dd>
      </div>
      <div>
        <dt>Errors</dt>
        <dd>
          <Figure text={formatPercent(errorPercent)} />
        </dd>
      </div>
      <div>
        <dt>p99, ms</dt>
        <dd>
          <Figure text={formatMeasure(latency.p99)} />
        </dd>
      </div>
    </dl>
  );
}

function sentenceFor(overview: Overview | undefined, isKnown: boolean): string {
  if (overview === undefined) return "Nothing has answered yet.";
  return isKnown ? overview.verdict : `Last known: ${overview.verdict}`;
}

function lookFor(status: HealthStatus | undefined): Look {
  switch (status) {
    case undefined:
      return { tone: "unknown", icon: IconPlugConnectedX, word: "Unknown" };
    case "ok":
      return { tone: "good", icon: IconCircleCheckFilled, word: wordOfStatus(status) };
    case "down":
      return { tone: "critical", icon: IconCircleXFilled, word: wordOfStatus(status) };
    default:
      return { tone: "warning", icon: IconAlertTriangleFilled, word: wordOfStatus(status) };
  }
}
