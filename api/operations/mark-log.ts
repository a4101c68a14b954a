import type { Mark, MarkKind } from "../contract/dashboard.ts";

const marksMax = 1_000;
const textMax = 500;

/** The moments that charts show as vertical lines. */
export class MarkLog {
  #marks: { readonly atMs: number; readonly kind: MarkKind; readonly text: string }[] = [];

  /** @param atMs wall clock, in milliseconds since 1970; it may be a while ago */
  note(kind: MarkKind, text: string, atMs: number = Date.now()): void {
    this.#marks.push({ atMs, kind, text: text.slice(0, textMax) });
    if (this.#marks.length > marksMax) this.#marks.shift();
  }

  /** The marks since a moment, oldest first. */
  since(atMs: number): Mark[] {
    return this.#marks
      .filter((mark) => mark.atMs >= atMs)
      .toSorted((a, b) => a.atMs - b.atMs)
      .map((mark) => ({ at: new Date(mark.atMs).toISOString(), kind: mark.kind, text: mark.text }));
  }
}
