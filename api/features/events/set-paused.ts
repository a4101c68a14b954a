import type { Desk } from "../../desk/desk.ts";
import type { DeskOutcome, RecordedClaim } from "../../desk/waiting-command.ts";

/**
 * Pauses or resumes the sales of an event. Who did it and why is kept in its audit.
 *
 * @param change.reason null resumes
 */
export function setPaused(
  { desk }: { desk: Desk },
  change: { eventId: string; reason: string | null; actor: string },
  claim: RecordedClaim | null,
): Promise<DeskOutcome> {
  return desk.submit({ kind: "set_paused", ...change }, claim);
}
