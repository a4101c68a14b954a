import { type Breach, type Invariant, invariants } from "./verdict.ts";

/** What a breach is about, as far as it is about something. */
export interface Place {
  readonly seqs?: readonly number[];
  readonly event?: string | null;
  readonly user?: string | null;
}

/** The breaches of a run: all are counted, and the first of each promise are kept. */
export class BreachList {
  readonly #keptMax: number;
  readonly #counts: Record<Invariant, number>;
  readonly #kept: Breach[] = [];

  /** @param keptMax how many of each promise are kept */
  constructor(keptMax = 100) {
    this.#keptMax = keptMax;
    this.#counts = Object.fromEntries(invariants.map((name) => [name, 0])) as Record<Invariant, number>;
  }

  get counts(): Readonly<Record<Invariant, number>> {
    return { ...this.#counts };
  }

  add(invariant: Invariant, message: string, { seqs = [], event = null, user = null }: Place = {}): void {
    this.#counts[invariant] += 1;
    if (this.#counts[invariant] > this.#keptMax) return;
    this.#kept.push({ invariant, message, seqs, event, user });
  }

  /** The breaches that were kept, in the order in which promises are told. */
  kept(): readonly Breach[] {
    return invariants.flatMap((name) => this.#kept.filter(({ invariant }) => invariant === name));
  }
}
