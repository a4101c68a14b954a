import { ActionIcon } from "@mantine/core";
import {
  IconCircleFilled,
  IconClockPause,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import type { Connection } from "../shared/polling/freshness.ts";
import { usePolling } from "../shared/polling/polling-context.tsx";
import { Settings } from "./settings.tsx";
import { useConnection } from "./use-connection.ts";

/** Whether the figures are live, the switch that stops asking, and the settings. */
export function Tools() {
  const { isPaused, setPaused } = usePolling();
  const { connection } = useConnection();
  return (
    <>
      <Freshness connection={connection} isPaused={isPaused} />
      <ActionIcon
        size={32}
        variant="subtle"
        color="gray"
        aria-pressed={isPaused}
        aria-label="Pause the updates"
        title={isPaused ? "Go on with the updates" : "Pause the updates"}
        onClick={() => setPaused(!isPaused)}
      >
        {isPaused ? (
          <IconPlayerPlayFilled size={16} aria-hidden />
        ) : (
          <IconPlayerPauseFilled size={16} aria-hidden />
        )}
      </ActionIcon>
      <Settings />
    </>
  );
}

function Freshness({
  connection,
  isPaused,
}: {
  readonly connection: Connection;
  readonly isPaused: boolean;
}) {
  const { state, word, Sign } = freshnessFor(connection, isPaused);
  return (
    <span className={`freshness freshness--${state}`}>
      <Sign size={state === "live" ? 9 : 14} aria-hidden />
      {word}
    </span>
  );
}

function freshnessFor(connection: Connection, isPaused: boolean) {
  if (connection === "lost") return { state: "lost", word: "Lost", Sign: IconPlugConnectedX };
  if (isPaused) return { state: "paused", word: "Paused", Sign: IconClockPause };
  if (connection === "late") return { state: "late", word: "Late", Sign: IconPlugConnectedX };
  if (connection === "waiting") return { state: "waiting", word: "Loading", Sign: IconClockPause };
  return { state: "live", word: "Live", Sign: IconCircleFilled };
}
