import { randomBytes } from "node:crypto";
import { operations } from "../../api/contract/operations.ts";
import { ChaosError } from "../chaos-error.ts";
import type { HistoryRecorder } from "../history/record-history.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { type Call, type Settled, WorkloadEnded } from "./call.ts";
import { eventKinds } from "./draw-terms.ts";
import { EventMarket } from "./event-market.ts";
import { drawJourney, everything, type JourneyMix } from "./journey-mix.ts";
import { type Journey, RecentUsers } from "./journeys/journey.ts";
import { Pacer } from "./pace-calls.ts";
import { pause } from "./pause.ts";
import { PhoneNumbers } from "./phone-numbers.ts";
import { readAnswer } from "./read-answer.ts";
import { AttemptSender } from "./send-attempts.ts";
import { CallSettler } from "./settle-calls.ts";
import { saleCalls } from "./shop-calls.ts";
import { CodeReader } from "./tail-codes.ts";
import type { Workload } from "./workload.ts";

/** Calls a second, when a run says nothing else. */
export const defaultRatePerSecond = 250;

interface WorkloadOptions {
  /** The service's folder, to read the demo's text messages in. Without it no phone is verified. */
  readonly dataDir?: string;
  readonly mix?: JourneyMix;
  /** How many events sell at the same time: one of each kind unless told otherwise. */
  readonly eventsAtOnce?: number;
  /** Requests of the last 2 s without an answer; beyond that none is begun. 512 unless told otherwise. */
  readonly inFlightMax?: number;
  /** The part of the settled calls that are repeated later with the same key. 3 % unless told otherwise. */
  readonly replayShare?: number;
  /** After so long, an attempt is broken off. 12 s unless told otherwise, which is longer than the service may take. */
  readonly attemptMaxMs?: number;
  /** So many requests, and a connection is replaced: the fewer, the more evenly workers are asked. 50 unless told otherwise. */
  readonly requestsPerConnectionMax?: number;
}

export interface WorkloadSettings {
  readonly url: string;
  readonly adminKey: string;
  readonly recorder: HistoryRecorder;
  readonly random: SeededRandom;
  /** Calls begun per second. */
  readonly rate: number;
  /** Ends everything at once. What is under way stays unsettled. */
  readonly signal: AbortSignal;
  readonly options?: WorkloadOptions;
}

/** A workload that can be looked into. */
export interface RunningWorkload extends Workload {
  /** How often each kind of definite answer came, such as "hold 201" or "hold sold_out". */
  readonly tally: ReadonlyMap<string, number>;
  /** Calls that were to begin, and for which there was no room. */
  readonly dropped: number;
}

/** Journeys that rest between two calls count as well. */
const journeysMax = 8_192;
const startMaxMs = 30_000;
const pollMs = 20;

/**
 * Lets clients loose on a service: they go on journeys one after another until they are told to finish.
 *
 * @returns when the first events are on sale
 * @throws ChaosError when there are none within 30 s
 */
export async function startWorkload(settings: WorkloadSettings): Promise<RunningWorkload> {
  const { url, adminKey, signal } = settings;
  const serviceKey = await makeServiceKey(url, adminKey, signal);
  const workload = new ClientCrowd(settings, serviceKey);
  await workload.open();
  return workload;
}

class ClientCrowd implements RunningWorkload {
  readonly #settings: WorkloadSettings;
  readonly #settler: CallSettler;
  readonly #pacer: Pacer;
  readonly #market: EventMarket;
  /** Aborted when no journey is to go on. */
  readonly #finishing = new AbortController();
  readonly #random: SeededRandom;
  readonly #mix: JourneyMix;
  readonly #shared: Pick<Journey, "market" | "adminKey" | "serviceKey" | "codes" | "verifiedUsers">;
  readonly #phones: PhoneNumbers;
  readonly #userPrefix = randomBytes(4).toString("hex");
  readonly #onAbort = () => this.#end();
  #users = 0;
  #journeys = 0;
  #failure: unknown = null;

  constructor(settings: WorkloadSettings, serviceKey: string) {
    const { url, adminKey, recorder, random, signal, options = {} } = settings;
    this.#settings = settings;
    this.#random = random.fork();
    this.#mix = options.mix ?? everything;
    this.#phones = new PhoneNumbers(random.fork());
    const { inFlightMax = 512 } = options;
    const onFailure = (error: unknown) => this.#noteFailure(error);
    this.#settler = new CallSettler({
      url,
      recorder,
      random: random.fork(),
      inFlightMax,
      attemptMaxMs: options.attemptMaxMs ?? 12_000,
      replayShare: options.replayShare ?? 0.03,
      requestsPerConnectionMax: options.requestsPerConnectionMax ?? 50,
      onFailure,
    });
    const market = new EventMarket({
      random: random.fork(),
      eventsAtOnce: options.eventsAtOnce ?? eventKinds.length,
      create: (event) => this.#settler.settle(saleCalls.create(adminKey, event)),
      onFailure,
    });
    this.#market = market;
    const codes = options.dataDir === undefined ? null : new CodeReader(options.dataDir);
    this.#shared = { market, adminKey, serviceKey, codes, verifiedUsers: new RecentUsers(200) };
    this.#pacer = new Pacer({
      perSecond: 0,
      isFull: () => this.#settler.isFull,
      beginJourney: () => this.#beginJourney(),
    });
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  get inFlight(): number {
    return this.#settler.inFlight;
  }

  get acknowledged(): number {
    return this.#settler.acknowledged;
  }

  get unknown(): number {
    return this.#settler.unknown;
  }

  get unsettled(): number {
    return this.#settler.unsettled;
  }

  get tally(): ReadonlyMap<string, number> {
    return this.#settler.tally;
  }

  get dropped(): number {
    return this.#pacer.dropped;
  }

  /** Waits for the first events, and then begins. */
  async open(): Promise<void> {
    const opened = new AbortController();
    const given = AbortSignal.any([opened.signal, this.#finishing.signal]);
    const tooLate = pause(startMaxMs, given).then(() => {
      throw new ChaosError(`No event could be created within ${startMaxMs / 1000} s.`);
    });
    try {
      await Promise.race([this.#market.open(), tooLate]);
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      // Whichever of the two is left has nobody who waits for it.
      opened.abort();
    }
    // Never rejects.
    void this.#shared.codes?.follow(this.#finishing.signal);
    this.#pacer.setRate(this.#settings.rate);
  }

  nextAcknowledgement(signal: AbortSignal): Promise<number> {
    return this.#settler.nextAcknowledgement(signal);
  }

  setRate(perSecond: number): void {
    this.#pacer.setRate(perSecond);
  }

  async finish(limitMs: number): Promise<number> {
    this.#finishing.abort();
    this.#pacer.stop();
    this.#settler.stopReplays();
    const untilMs = performance.now() + limitMs;
    while (this.#settler.unsettled > 0 && performance.now() < untilMs && !this.#settings.signal.aborted)
      await pause(pollMs, this.#settings.signal).catch(() => {});
    const { unsettled } = this.#settler;
    this.#end();
    if (this.#failure !== null) throw this.#failure;
    return unsettled;
  }

  #end(): void {
    this.#settings.signal.removeEventListener("abort", this.#onAbort);
    this.#finishing.abort();
    this.#pacer.stop();
    this.#settler.end();
  }

  #beginJourney(): boolean {
    if (this.#journeys >= journeysMax) return false;
    this.#journeys += 1;
    const random = this.#random.fork();
    drawJourney(
      random,
      this.#mix,
    )(this.#equip(random))
      .catch((error: unknown) => this.#noteFailure(error))
      .finally(() => {
        this.#journeys -= 1;
      });
    return true;
  }

  #equip(random: SeededRandom): Journey {
    // The turn that began the journey is that of its first call.
    let turnsLeft = 1;
    const turn = async (count: number) => {
      const missing = count - turnsLeft;
      turnsLeft = 0;
      if (missing > 0) await this.#pacer.turn(missing);
      if (this.#finishing.signal.aborted) throw new WorkloadEnded();
    };
    return {
      ...this.#shared,
      random,
      ask: async <Reply>(call: Call<Reply>) => {
        await turn(1);
        return this.#settler.settle(call);
      },
      askAtOnce: async <Reply>(calls: readonly Call<Reply>[]): Promise<readonly Settled<Reply>[]> => {
        await turn(calls.length);
        return Promise.all(calls.map((call) => this.#settler.settle(call)));
      },
      pause: (ms) => pause(ms, this.#finishing.signal),
      newUser: () => {
        this.#users += 1;
        return `${this.#userPrefix}-${this.#users}`;
      },
      newPhone: () => this.#phones.next(),
    };
  }

  /** A defect of ours must not pass for silence. The first one is told by `finish`. */
  #noteFailure(error: unknown): void {
    if (error instanceof WorkloadEnded || this.#settings.signal.aborted) return;
    this.#failure ??= error;
  }
}

/** Makes the key that a shop's backend would have. Not a part of the history: it is no client's doing. */
async function makeServiceKey(url: string, adminKey: string, signal: AbortSignal): Promise<string> {
  const sender = new AttemptSender(url, { connectionsMax: 1, limitMs: 5_000 });
  const { path, reply } = operations.create_api_key;
  const text = JSON.stringify({ name: "chaos", role: "service" });
  const key = randomBytes(8).toString("hex");
  const untilMs = performance.now() + startMaxMs;
  try {
    for (;;) {
      const heard = await sender.send({ method: "POST", path, text, credential: adminKey, key }, signal);
      const { reading } = readAnswer(heard, reply.schema);
      if (reading.type === "ok") return reading.reply.key;
      if (reading.type === "fail")
        throw new ChaosError(`The service refused to make a key: ${reading.code}.`);
      if (performance.now() > untilMs) throw new ChaosError("The service did not answer.");
      await pause(200, signal);
    }
  } finally {
    sender.close();
  }
}
