import type { OutcomeCounts } from "../../desk/count-outcomes.ts";
import type { Desk } from "../../desk/desk.ts";
import type { Gate } from "../../desk/gate.ts";
import type { DeskOutcome, RecordedClaim } from "../../desk/waiting-command.ts";
import type { HoldCommand } from "../../domain/commands.ts";

/**
 * Holds tickets for a user. Without an idempotency key, the gate may refuse from memory; with one, the desk must
 * look first whether the request was answered before.
 *
 * @returns "held" when the hold is on disk, otherwise why not
 */
export async function holdTickets(
  { desk, gate, outcomes }: { desk: Desk; gate: Gate; outcomes: OutcomeCounts },
  request: Omit<HoldCommand, "kind">,
  claim: RecordedClaim | null,
): Promise<DeskOutcome> {
  const command: HoldCommand = { kind: "hold", ...request };
  const refusal = claim === null ? gate.refuse(command) : null;
  if (refusal === null) return desk.submit(command, claim);
  outcomes.countFromMemory(refusal.kind);
  return refusal;
}
