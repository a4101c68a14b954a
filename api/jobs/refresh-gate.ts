import type { Gate } from "../desk/gate.ts";
import type { DatabaseClock } from "../kernel/clock.ts";
import { type Loop, startLoop } from "../kernel/start-loop.ts";
import { selectStock } from "../store/events.ts";
import type { Database } from "../store/open-database.ts";

/** How stale a refusal from memory may be. */
const intervalMs = 100;

/**
 * Tells the gate what other processes did to the events that it refuses. Events that it lets through are not
 * read, and with none to refuse the database is not asked at all.
 */
export function startGateRefresh(
  context: { database: Database; gate: Gate; clock: DatabaseClock },
  onFailure: (error: unknown) => void,
): Loop {
  return startLoop(async () => {
    await refreshGate(context);
    return intervalMs;
  }, onFailure);
}

export async function refreshGate({
  database,
  gate,
  clock,
}: {
  database: Database;
  gate: Gate;
  clock: DatabaseClock;
}): Promise<void> {
  const eventIds = gate.eventsToPoll();
  if (eventIds.length === 0) return;
  for (const { event, nextExpiryAtMs, nowMs } of await selectStock(database, eventIds)) {
    gate.observe(event, nextExpiryAtMs, nowMs);
    clock.observe(nowMs);
  }
}
