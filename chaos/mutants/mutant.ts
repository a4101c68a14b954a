import type { Invariant } from "../model/verdict.ts";

/** A change of one place in one file. */
export interface Edit {
  /** From the project's folder. */
  readonly file: string;
  /** Occurs in the file exactly once: a mutant that does not fit any more is an error, not a survivor. */
  readonly find: string;
  readonly replace: string;
}

/** The service with one mistake in it, such as somebody might make. */
export interface Mutant {
  readonly name: string;
  /** The mistake, in a few words. */
  readonly mistake: string;
  readonly edits: readonly Edit[];
  /** The run that must find it out. */
  readonly scenario: string;
  readonly seconds: number;
  /** The promises of which at least one must be found broken. */
  readonly breaks: readonly Invariant[];
}
