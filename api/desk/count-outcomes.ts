import { type OutcomeName, outcomeNames } from "../kernel/metric-definitions.ts";
import type { Counter, MetricRecorder } from "../kernel/record-metrics.ts";
import type { DeskOutcome, WaitingCommand } from "./waiting-command.ts";

/** Every outcome there is, and no other: a name that no outcome has would be a series that never moves. */
const counted: readonly (Exclude<DeskOutcome["kind"], "recorded"> | "replayed" | "failed")[] = outcomeNames;

/** Counts what becomes of commands, each of them once, when whoever waits for it is answered. */
export class OutcomeCounts {
  readonly #counters: Readonly<Record<OutcomeName, Counter>>;
  readonly #fromMemory: Counter;

  constructor(recorder: MetricRecorder) {
    const counters = counted.map((outcome) => [
      outcome,
      recorder.counter("holdfast_reservations_total", { outcome }),
    ]);
    this.#counters = Object.fromEntries(counters) as Record<OutcomeName, Counter>;
    this.#fromMemory = recorder.counter("holdfast_gate_refusals_total", {});
  }

  count(outcome: OutcomeName): void {
    this.#counters[outcome].add(1);
  }

  /** Counts a refusal of the gate, which spares the database the command. */
  countFromMemory(outcome: OutcomeName): void {
    this.count(outcome);
    this.#fromMemory.add(1);
  }

  /** The same command in line, counted as soon as it is answered. */
  follow({ command, claim, sinceMs, resolve, reject }: WaitingCommand): WaitingCommand {
    // A reply under a key does not tell what it was made from, so that is noted while it is made.
    let recorded: OutcomeName = "replayed";
    const noted = claim && {
      ...claim,
      render: (outcome: Parameters<typeof claim.render>[0]) => {
        recorded = outcome.kind;
        return claim.render(outcome);
      },
    };
    return {
      command,
      claim: noted,
      sinceMs,
      resolve: (outcome) => {
        if (outcome.kind !== "recorded") this.count(outcome.kind);
        else this.count(outcome.replayed ? "replayed" : recorded);
        resolve(outcome);
      },
      reject: (error) => {
        this.count("failed");
        reject(error);
      },
    };
  }
}
