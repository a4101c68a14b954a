import type { CallEntry, HistoryEntry, SampleEntry } from "../history/history-entry.ts";
import { readHistory } from "../history/read-history.ts";
import { BookIndex } from "./book-index.ts";
import type { Books } from "./books.ts";
import { BreachList } from "./breach-list.ts";
import { seqsOf, userOf } from "./call.ts";
import { CallIndex } from "./call-index.ts";
import { CallLedger } from "./call-ledger.ts";
import { followCapacity } from "./capacity-timeline.ts";
import { AcknowledgementCheck, describe } from "./check-acknowledged.ts";
import { checkAlive } from "./check-alive.ts";
import { checkDeadlines } from "./check-deadlines.ts";
import { checkDuplicates } from "./check-duplicates.ts";
import { checkLost } from "./check-lost.ts";
import { checkOneEffect } from "./check-one-effect.ts";
import { checkRefusals } from "./check-refusals.ts";
import { checkStock } from "./check-stock.ts";
import { checkUnexpected } from "./check-unexpected.ts";
import { countFigures, type Figures } from "./count-figures.ts";
import { DatabaseTime } from "./database-time.ts";
import { FaultLog } from "./fault-log.ts";
import { type JudgedRun, type JudgeOptions, windowOf } from "./judged-run.ts";
import { judgeSample, judgeStock } from "./judge-sample.ts";
import { type Json, listOf, numberOf, textOf } from "./read-json.ts";
import { StockTimeline } from "./stock-timeline.ts";
import { tellSkipped, tellVacuous } from "./tell-vacuous.ts";
import type { Judgement } from "./verdict.ts";

/** A judgement with everything that was counted on the way to it. */
export interface RunJudgement extends Judgement {
  readonly figures: Figures;
  /** Kinds of faults that could not be done here and need not be, with the reasons. */
  readonly skipped: readonly string[];
}

const settleMaxMs = 30_000;
const releaseMaxMs = 1_000;

/**
 * Holds a history against what the database has at the end. What each promise means is told where it is checked.
 *
 * @param run.books of each database that the run has had, each read when nothing was asked of it any more
 * @param run.entries in place of a file, for histories that are in memory
 * @throws when the history is damaged: a line that is not whole, or an answer to nobody
 */
export async function judgeRun(run: {
  readonly historyPath?: string;
  readonly entries?: Iterable<HistoryEntry>;
  readonly books: Books | readonly Books[];
  readonly options: JudgeOptions;
}): Promise<RunJudgement> {
  const { options } = run;
  const books = new BookIndex(isOne(run.books) ? [run.books] : run.books);
  const reading = new HistoryReading(books, new BreachList(options.breachesMax));
  if (run.entries !== undefined) for (const entry of run.entries) reading.take(entry);
  if (run.historyPath !== undefined)
    for await (const entry of readHistory(run.historyPath)) reading.take(entry);
  return reading.judge(options);
}

/** Judges what each entry shows by itself, and gathers what is judged at the end. */
class HistoryReading {
  readonly #books: BookIndex;
  readonly #breaches: BreachList;
  readonly #acknowledged: AcknowledgementCheck;
  readonly #ledger = new CallLedger();
  readonly #time = new DatabaseTime();
  readonly #faults = new FaultLog();
  readonly #soldOut = new Set<string>();
  #samples = 0;

  constructor(books: BookIndex, breaches: BreachList) {
    this.#books = books;
    this.#breaches = breaches;
    this.#acknowledged = new AcknowledgementCheck(books, breaches);
  }

  take(entry: HistoryEntry): void {
    switch (entry.type) {
      case "sample":
        this.#takeSample(entry);
        return;
      case "fault":
        this.#faults.take(entry);
        return;
      case "invoke":
      case "ok":
      case "fail":
      case "unknown":
        this.#takeCall(entry);
    }
  }

  judge(options: JudgeOptions): RunJudgement {
    const calls = new CallIndex(this.#ledger.calls.values());
    const known = {
      books: this.#books,
      calls,
      time: this.#time,
      faults: this.#faults,
      breaches: this.#breaches,
    };
    const run: JudgedRun = { ...known, stock: followStock(known) };
    checkLost(run);
    checkUnexpected(run);
    const stray = checkStock(run);
    checkDuplicates(run);
    checkOneEffect(run);
    checkRefusals(run);
    const releases = checkDeadlines(run, options.releaseMaxMs ?? releaseMaxMs);
    const settling = checkAlive(run, options.settleMaxMs ?? settleMaxMs);
    const figures = countFigures(run, {
      ledger: this.#ledger,
      samples: this.#samples,
      stray,
      releases,
      settling,
      eventsSeenSoldOut: this.#soldOut,
    });
    return {
      breaches: this.#breaches.kept(),
      counts: this.#breaches.counts,
      vacuous: tellVacuous(figures, this.#faults, options),
      figures,
      skipped: tellSkipped(this.#faults, options),
    };
  }

  #takeSample(sample: SampleEntry): void {
    this.#samples += 1;
    this.#time.observe(sample);
    for (const { event, sold, capacity } of sample.stock) if (sold >= capacity) this.#soldOut.add(event);
    for (const { invariant, message, ...place } of judgeSample(sample))
      this.#breaches.add(invariant, message, place);
  }

  #takeCall(entry: CallEntry): void {
    const taken = this.#ledger.take(entry);
    if (taken.kind === "nothing") return;
    const { call } = taken;
    if (taken.kind === "repeated") {
      if (taken.isSame) return;
      const message = `${describe(call)} was answered differently when it was repeated with its key.`;
      const place = { seqs: [...seqsOf(call), taken.seq], event: call.event, user: userOf(call) };
      this.#breaches.add("one_effect", message, place);
      return;
    }
    if (taken.settled.kind !== "ok") return;
    this.#acknowledged.check(call, taken.settled, taken.reply);
    if (call.f === "read" || call.f === "change_event") this.#judgeShown(taken.reply, entry.seq);
  }

  /** An answer that shows an event, or several. */
  #judgeShown(reply: Json | null, seq: number): void {
    for (const shown of listOf(reply, "data") ?? [reply]) {
      const [event, capacity] = [textOf(shown, "id"), numberOf(shown, "capacity")];
      const [available, held, sold] = [
        numberOf(shown, "available"),
        numberOf(shown, "held"),
        numberOf(shown, "sold"),
      ];
      if (event === null || capacity === null || available === null || held === null || sold === null)
        continue;
      const stock = { event, capacity, available, held, sold };
      for (const { invariant, message, ...place } of judgeStock(stock, "in an answer", seq))
        this.#breaches.add(invariant, message, place);
    }
  }
}

function followStock(run: Omit<JudgedRun, "stock">): Map<string, StockTimeline> {
  const created = new Map<string, number>();
  for (const { f, event, settled, asked } of run.calls.all) {
    const isCreation = f === "change_event" && event === null && settled?.kind === "ok";
    if (isCreation && settled.named !== null && asked.capacity !== null)
      created.set(settled.named, asked.capacity);
  }
  const timelines = new Map<string, StockTimeline>();
  for (const event of run.books.events.values()) {
    const changes = (run.calls.eventChanges.get(event.id) ?? []).map((call) => ({
      call,
      window: windowOf(run, call),
    }));
    const { steps, isContradicted } = followCapacity({
      event,
      audits: run.books.auditsOfEvent.get(event.id) ?? [],
      restocks: run.books.restocksOfEvent.get(event.id) ?? [],
      created: created.get(event.id) ?? null,
      changes,
    });
    if (isContradicted) {
      const last = steps.at(-1);
      const message = `Event ${event.id} has ${event.capacity} tickets, and what was asked for makes ${last?.low}.`;
      run.breaches.add("one_effect", message, { event: event.id });
    }
    timelines.set(event.id, new StockTimeline(run.books.reservationsOfEvent.get(event.id) ?? [], steps));
  }
  return timelines;
}

function isOne(books: Books | readonly Books[]): books is Books {
  return !Array.isArray(books);
}
