import type { AuditResult } from "../audit-arm.ts";
import type { Bench } from "../measure-arm.ts";
import type { Figure } from "./figures.ts";

/** What every part of the measurement works with. */
export interface ClusterBench extends Bench {
  readonly log: (message: string) => void;
}

/** What one part found. */
export interface PartResult {
  readonly figures: readonly Figure[];
  readonly audits: readonly AuditResult[];
  /** Sentences about what the figures do not tell. */
  readonly notes: readonly string[];
}
