import type { HistoryEntry } from "../history/history-entry.ts";
import { judgeSample } from "./judge-sample.ts";
import type { Breach } from "./verdict.ts";

const keptMax = 100;

/** Judges what can be judged while a run goes on, so that it can stop at the first breach. */
export class LiveJudge {
  readonly #breaches: Breach[] = [];
  #count = 0;

  /** The first breaches. */
  get breaches(): readonly Breach[] {
    return this.#breaches;
  }

  get count(): number {
    return this.#count;
  }

  /** Takes in an entry as it was recorded. @returns the promises that it shows broken */
  take(entry: HistoryEntry): readonly Breach[] {
    if (entry.type !== "sample") return [];
    const found = judgeSample(entry);
    this.#count += found.length;
    this.#breaches.push(...found.slice(0, keptMax - this.#breaches.length));
    return found;
  }
}
