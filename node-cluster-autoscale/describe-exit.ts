import type { WorkerExited } from "./cluster-types.ts";

/** Says in one sentence how a worker ended; in its own words, when it had any. */
export function describeExit(
  exit: Omit<WorkerExited, "description">,
  { wasReady, failure }: { readonly wasReady: boolean; readonly failure: string | null },
): string {
  if (failure !== null) return failure;
  const who = `Worker ${exit.id} (process ${exit.pid})`;
  const after = `after ${formatDuration(exit.uptimeMs)}`;
  switch (exit.cause) {
    case "crashed": {
      const how = exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`;
      return `${who} ${how} ${after}${wasReady ? "" : ", before it was ready"}.`;
    }
    case "hung":
      return `${who} fell silent and was killed ${after}.`;
    case "start_timeout":
      return `${who} was not ready ${after} and was killed.`;
    case "drain_timeout":
      return `${who} did not finish its requests in time and was killed ${after}.`;
    case "retired":
      return `${who} was no longer needed and ended ${after}.`;
    case "stopped":
      return `${who} was stopped ${after}.`;
  }
}

function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}
