import { IconClockPause, IconPlugConnectedX } from "@tabler/icons-react";
import { formatAge } from "../shared/format/times.ts";
import { usePolling } from "../shared/polling/polling-context.tsx";
import { useConnection } from "./use-connection.ts";

/** Says that figures are old: because nothing answers, because the answer is late, or because somebody paused. */
export function ConnectionBanner() {
  const { isPaused } = usePolling();
  const { connection, ageMs } = useConnection();
  const text = textFor(connection, isPaused);
  const Sign = connection === "lost" || connection === "late" ? IconPlugConnectedX : IconClockPause;
  // The place stays in the document, since only changes of what is there are read out.
  return (
    <div className={text === "" ? "" : "banner"}>
      {text === "" ? null : <Sign size={16} aria-hidden />}
      <span role="status">{text}</span>
      {text === "" || ageMs === 0 ? null : (
        <span className="banner__age">Figures are from {formatAge(ageMs)}.</span>
      )}
    </div>
  );
}

function textFor(connection: ReturnType<typeof useConnection>["connection"], isPaused: boolean): string {
  switch (connection) {
    case "lost":
      return "Lost connection. Reconnecting...";
    case "late":
      return "The answer is late. Waiting...";
    case "live":
    case "waiting":
      return isPaused ? "Paused. Nothing is asked until you go on." : "";
  }
}
