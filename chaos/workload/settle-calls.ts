import { randomBytes } from "node:crypto";
import type { CallEntry } from "../history/history-entry.ts";
import type { HistoryRecorder } from "../history/record-history.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { AttemptSlots } from "./attempt-slots.ts";
import { type Call, type Settled, WorkloadEnded } from "./call.ts";
import { pause } from "./pause.ts";
import { readAnswer, type Reading } from "./read-answer.ts";
import { ReplayQueue } from "./replay-later.ts";
import { AttemptSender, type Heard } from "./send-attempts.ts";
import { AcknowledgementWatch } from "./watch-acknowledgements.ts";

export interface SettlingOptions {
  readonly url: string;
  readonly recorder: HistoryRecorder;
  readonly random: SeededRandom;
  /** Requests of the last 2 s without an answer, and calls that are about to ask again. */
  readonly inFlightMax: number;
  readonly attemptMaxMs: number;
  /** The part of the settled calls that are repeated later. */
  readonly replayShare: number;
  /** Is told what went wrong in a replay, for which nobody waits. */
  readonly onFailure: (error: unknown) => void;
  readonly requestsPerConnectionMax: number;
}

/** A call under its number. */
interface Numbered<Reply> {
  readonly call: Call<Reply>;
  readonly number: number;
  readonly key: string | null;
  readonly text: string | null;
}

const firstRestMs = 50;
const longestRestMs = 1_000;
const heededMaxMs = 2_000;
/** So many times the requests that may wait at once may be stuck. */
const stuckFactor = 2;

/** The last number that was given to a call of a history; stages of one run share it. */
const lastNumbers = new WeakMap<HistoryRecorder, number>();

/** Sends calls until they are settled, and writes down every attempt. */
export class CallSettler {
  readonly #options: SettlingOptions;
  readonly #sender: AttemptSender;
  readonly #slots: AttemptSlots;
  readonly #watch = new AcknowledgementWatch();
  readonly #replays: ReplayQueue;
  readonly #random: SeededRandom;
  /** Aborted when nothing is waited for any longer. */
  readonly #ended = new AbortController();
  /** No other run's, even of the same seed: a key that is known already would be answered from its record. */
  readonly #keyPrefix = randomBytes(6).toString("hex");
  readonly #tally = new Map<string, number>();
  /** Calls that are about to ask again: together they must not become a flood. */
  #resting = 0;
  acknowledged = 0;
  unknown = 0;
  unsettled = 0;

  constructor(options: SettlingOptions) {
    this.#options = options;
    this.#random = options.random;
    const { url, inFlightMax, attemptMaxMs, requestsPerConnectionMax } = options;
    const connectionsMax = stuckFactor * inFlightMax;
    this.#sender = new AttemptSender(url, {
      connectionsMax,
      limitMs: attemptMaxMs,
      requestsPerConnectionMax,
    });
    this.#slots = new AttemptSlots(inFlightMax, connectionsMax);
    this.#replays = new ReplayQueue(options.random.fork());
  }

  get inFlight(): number {
    return this.#slots.taken;
  }

  /** Whether no call should be begun now: too many wait for an answer, or to ask again. */
  get isFull(): boolean {
    return this.#slots.isFull || this.#resting >= this.#options.inFlightMax;
  }

  /** How often each kind of definite answer came, such as "hold 201" or "hold sold_out". */
  get tally(): ReadonlyMap<string, number> {
    return this.#tally;
  }

  nextAcknowledgement(signal: AbortSignal): Promise<number> {
    return this.#watch.next(signal);
  }

  /**
   * Sends a call, with the same key and the very same bytes, until it is known what came of it.
   *
   * @throws WorkloadEnded when that is waited for no longer
   */
  async settle<Reply>(call: Call<Reply>): Promise<Settled<Reply>> {
    const number = (lastNumbers.get(this.#options.recorder) ?? 0) + 1;
    lastNumbers.set(this.#options.recorder, number);
    const key = call.isKeyed ? `${this.#keyPrefix}-${number}` : null;
    const text = call.body === null ? null : JSON.stringify(call.body);
    const numbered = { call, number, key, text };
    const { settled, attempts } = await this.#attemptUntilSettled(numbered, 1);
    if (isOnRecord(call, settled) && this.#random.happens(this.#options.replayShare))
      this.#replays.add(() => this.#replay(numbered, attempts + 1));
    return settled;
  }

  /** Repeats nothing that is settled any more. */
  stopReplays(): void {
    this.#replays.stop();
  }

  /** Breaks off everything. What is not settled stays so. */
  end(): void {
    this.stopReplays();
    this.#ended.abort();
    this.#sender.close();
  }

  #replay<Reply>(numbered: Numbered<Reply>, attempt: number): void {
    // Whatever the answer is, it is for the judge to compare.
    this.#attemptUntilSettled(numbered, attempt).catch(this.#options.onFailure);
  }

  async #attemptUntilSettled<Reply>(
    numbered: Numbered<Reply>,
    firstAttempt: number,
  ): Promise<{ readonly settled: Settled<Reply>; readonly attempts: number }> {
    this.unsettled += 1;
    for (let attempt = firstAttempt; ; attempt += 1) {
      const { heard, reading } = await this.#attempt(numbered, attempt);
      if (reading.type !== "unknown") {
        this.unsettled -= 1;
        return { settled: settledBy(heard, reading), attempts: attempt };
      }
      const askedForMs = heard.kind === "whole" ? Math.min(heard.retryAfterMs, heededMaxMs) : 0;
      await this.#rest(this.#restMs(attempt - firstAttempt, askedForMs));
    }
  }

  async #rest(ms: number): Promise<void> {
    this.#resting += 1;
    try {
      await pause(ms, this.#ended.signal);
    } finally {
      this.#resting -= 1;
    }
  }

  async #attempt<Reply>(
    numbered: Numbered<Reply>,
    attempt: number,
  ): Promise<{ readonly heard: Heard; readonly reading: Reading<Reply> }> {
    const { call, key, text } = numbered;
    const slot = await this.#slots.take();
    try {
      if (this.#ended.signal.aborted) throw new WorkloadEnded();
      const { method, path, credential } = call;
      this.#record(numbered, attempt, { type: "invoke", status: null, body: text, reservationId: null });
      const sent = this.#watch.noteSent();
      const heard = await this.#sender.send({ method, path, text, credential, key }, this.#ended.signal);
      const { reading, reservationId } = readAnswer(heard, call.reply);
      const { status, text: body } = heard;
      this.#record(numbered, attempt, { type: reading.type, status, body, reservationId });
      this.#count(call, sent, heard, reading);
      return { heard, reading };
    } finally {
      this.#slots.leave(slot);
    }
  }

  #record<Reply>(
    { call, number, key }: Numbered<Reply>,
    attempt: number,
    {
      type,
      status,
      body,
      reservationId,
    }: Pick<CallEntry, "type" | "status" | "body"> & {
      readonly reservationId: string | null;
    },
  ): void {
    const { recorder } = this.#options;
    const { f, user, event, subject } = call;
    const place = { t_mono: recorder.nowMs(), call: number, attempt };
    const named = { f, user, event, key, subject };
    recorder.record({ type, ...place, ...named, status, body, reservation_id: reservationId });
  }

  #count<Reply>(call: Call<Reply>, sent: number, heard: Heard, reading: Reading<Reply>): void {
    if (reading.type === "unknown") {
      this.unknown += 1;
      return;
    }
    this.acknowledged += 1;
    const what = `${call.f} ${reading.type === "ok" ? String(heard.status) : reading.code}`;
    this.#tally.set(what, (this.#tally.get(what) ?? 0) + 1);
    if (provesRecovery(call, heard, reading)) this.#watch.noteAnswered(sent, this.#options.recorder.nowMs());
  }

  /** Doubles up to a second, and half of it is chance, so that those who failed together do not come back together. */
  #restMs(failures: number, askedForMs: number): number {
    const stepMs = Math.min(longestRestMs, firstRestMs * 2 ** Math.min(failures, 10));
    return askedForMs + stepMs * (0.5 + this.#random.next() / 2);
  }
}

function settledBy<Reply>(
  heard: Heard,
  reading: Exclude<Reading<Reply>, { type: "unknown" }>,
): Settled<Reply> {
  if (reading.type === "ok") return { kind: "done", reply: reading.reply };
  return { kind: "refused", status: heard.status ?? 0, code: reading.code };
}

/** Whether the service keeps the reply under the call's key: not what was refused before its transaction. */
function isOnRecord<Reply>({ isKeyed }: Call<Reply>, settled: Settled<Reply>): boolean {
  if (!isKeyed) return false;
  return settled.kind === "done" || settled.status === 409 || settled.status === 410;
}

/** Whether the database must have had a part in an answer. Refusals of requests without a key may come from memory. */
function provesRecovery<Reply>(
  { isKeyed }: Call<Reply>,
  { status }: Heard,
  { type }: Reading<Reply>,
): boolean {
  return isKeyed && (type === "ok" || status === 409 || status === 410);
}
