/** The promises that a history is held against, in the order in which they are told. */
export const invariants = [
  "lost",
  "unexpected",
  "oversold",
  "conserved",
  "duplicate_active",
  "one_effect",
  "refusal_without_effect",
  "deadline",
  "alive",
] as const;

export type Invariant = (typeof invariants)[number];

/** A promise that was broken. */
export interface Breach {
  readonly invariant: Invariant;
  /** One sentence, with the ids that are needed to look it up. */
  readonly message: string;
  /** Where in the history; entries around it are printed. */
  readonly seqs: readonly number[];
  readonly event: string | null;
  readonly user: string | null;
}

/** What a run has shown. */
export interface Judgement {
  readonly breaches: readonly Breach[];
  /** How many there were of each, also those that are not listed any more. */
  readonly counts: Readonly<Record<Invariant, number>>;
  /** What the run did not show, so that it proves nothing: each a sentence. Empty for a run that says something. */
  readonly vacuous: readonly string[];
}

/** pass: every promise kept, and put to the test. broken: exit 3. unknown: the run proves nothing, exit 1. */
export type Verdict = "pass" | "broken" | "unknown";

/** @returns the verdict that a judgement amounts to */
export function verdictOf({ counts, vacuous }: Judgement): Verdict {
  if (Object.values(counts).some((count) => count > 0)) return "broken";
  return vacuous.length > 0 ? "unknown" : "pass";
}
