import { IconBroadcast, IconPlugConnectedX, IconRefresh } from "@tabler/icons-react";
import { formatInstant } from "../format/times.ts";
import type { Liveness } from "./use-live-stock.ts";

interface LivenessLineProps {
  readonly liveness: Liveness;
  readonly nowMs: number;
}

/** Whether the numbers on the page change by themselves, and since when not. */
export function LivenessLine({ liveness, nowMs }: LivenessLineProps) {
  const { Sign, text } = describe(liveness, nowMs);
  return (
    <p className={`liveness liveness--${liveness.kind}`}>
      <Sign size={18} stroke={2} aria-hidden />
      <span>{text}</span>
    </p>
  );
}

function describe(liveness: Liveness, nowMs: number) {
  switch (liveness.kind) {
    case "live":
      return { Sign: IconBroadcast, text: "Live: numbers change as tickets go" };
    case "reconnecting": {
      const lastSeen = formatInstant(liveness.lastSeenMs, nowMs);
      return { Sign: IconPlugConnectedX, text: `Reconnecting. Last seen live at ${lastSeen}` };
    }
    default:
      return { Sign: IconRefresh, text: "Connecting to live numbers" };
  }
}
