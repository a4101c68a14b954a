import { HistoryRecorder } from "../../chaos/history/record-history.ts";
import { judgeRun } from "../../chaos/model/judge-run.ts";
import type { Invariant } from "../../chaos/model/verdict.ts";
import type { Judged } from "../../chaos/run/run-parts.ts";
import type { Workload } from "../../chaos/workload/workload.ts";
import type { Books } from "../../chaos/model/books.ts";

/** A workload that never sends anything, and acknowledges when told to. */
export class FakeWorkload implements Workload {
  readonly inFlight = 3;
  readonly acknowledged = 10;
  readonly unknown = 1;
  readonly unsettled = 0;
  readonly rates: number[] = [];
  readonly #waiting: (() => void)[] = [];

  nextAcknowledgement(signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("given up")), { once: true });
      this.#waiting.push(() => resolve(0));
    });
  }

  /** @returns how many had waited for it */
  acknowledge(): number {
    const waiting = this.#waiting.splice(0);
    for (const each of waiting) each();
    return waiting.length;
  }

  setRate(perSecond: number): void {
    this.rates.push(perSecond);
  }

  finish(): Promise<number> {
    return Promise.resolve(0);
  }
}

const emptyBooks: Books = {
  readAtMs: 0,
  events: [],
  audits: [],
  reservations: [],
  carts: [],
  orders: [],
  payments: [],
  restocks: [],
  customers: [],
  verifications: [],
};

/** What a judge says who has seen nothing, with what a test wants it to have seen. */
export async function fakeJudged(saw: {
  readonly broken?: readonly Invariant[];
  readonly vacuous?: readonly string[];
  readonly clockSteps?: readonly number[];
}): Promise<Judged> {
  const judgement = await judgeRun({ entries: [], books: emptyBooks, options: { plan: [] } });
  const counts = { ...judgement.counts };
  for (const invariant of saw.broken ?? []) counts[invariant] = 1;
  const breaches = (saw.broken ?? []).map((invariant) => ({
    invariant,
    message: `The promise ${invariant} was broken.`,
    seqs: [],
    event: null,
    user: null,
  }));
  const story = breaches.map(({ message }) => message);
  const figures = { ...judgement.figures, clockSteps: saw.clockSteps ?? [] };
  return { judgement: { ...judgement, counts, breaches, figures, vacuous: saw.vacuous ?? [] }, story };
}

/** A recorder whose file a test need not look at. */
export function openRecorder(folder: string): HistoryRecorder {
  return new HistoryRecorder(`${folder}/history.jsonl`, { run: "test", seed: 1 });
}
