import type { StockCommand, StockOutcome } from "../domain/commands.ts";
import type { IdempotencyClaim, IdempotentOutcome, RecordedReply } from "../kernel/idempotency.ts";

/** A claim on an idempotency key, with the way to turn the outcome into the reply that is kept under it. */
export interface RecordedClaim extends IdempotencyClaim {
  readonly render: (outcome: StockOutcome) => RecordedReply;
}

/** What the desk itself may answer instead of, or along with, the outcome of a command. */
type DeskAnswer =
  | IdempotentOutcome
  /** Too many wait, or this one has waited too long. Nothing was done. */
  | { readonly kind: "overloaded" };

export type DeskOutcome = StockOutcome | DeskAnswer;

/** A command in line, and the promise of whoever waits for its outcome. */
export interface WaitingCommand {
  readonly command: StockCommand;
  readonly claim: RecordedClaim | null;
  /** When it came, on this process's monotonic clock. */
  readonly sinceMs: number;
  readonly resolve: (outcome: DeskOutcome) => void;
  readonly reject: (error: unknown) => void;
}
