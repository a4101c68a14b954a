import { makeEventChooser } from "../load/choose-event.ts";
import { RequestWriter, UserNumbers } from "../load/hold-requests.ts";
import type { LoadPlan } from "../load/load-plan.ts";
import { ReceivedHoldsCollector } from "../load/received-holds.ts";
import type { ReplyReader } from "../load/reply-reader.ts";
import { headOf, OpenConnection } from "./open-connection.ts";
import { deadlineMs, type OpenLoadResult, type Phase, recoveryPartMs } from "./open-load-messages.ts";
import { type Asked, TallyCounter } from "./tally-counter.ts";

const tickMs = 1;
const lookForLateEveryMs = 50;
/** How many connections are opened at once. */
const openTogether = 200;
const settleMs = 2_000;
const retryAfter = /\r\nretry-after: *\d+\r\n/i;

/** A client that is free, or has one request in flight. */
interface Client {
  readonly connection: OpenConnection;
  readonly writer: RequestWriter;
  asked: Asked;
  arrivedAtMs: number;
  userNumber: number;
  eventIndex: number;
  /** Null while it is free. */
  counters: readonly TallyCounter[] | null;
}

/**
 * Requests that arrive at a given rate and do not wait for the answers to earlier ones. An arrival takes a connection that
 * is free; where all of the bounded number have a request in flight it is turned away, as by a proxy whose connections
 * to the service are all taken. Latencies count from the moment of arrival, so being late in sending shows in them.
 */
class OpenLoad {
  readonly #plan: LoadPlan;
  readonly #goal: Asked;
  readonly #all: readonly Client[];
  readonly #free: Client[];
  readonly #chooseEvent: () => number;
  readonly #users = new UserNumbers();
  readonly #received = new ReceivedHoldsCollector();
  #confirmedTotal = 0;
  #failures = 0;
  #latestMs = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#goal = plan.kind === "life" ? "confirm" : "hold";
    this.#chooseEvent = makeEventChooser(plan.eventIds.length);
    this.#all = Array.from({ length: plan.connections }, () => this.#makeClient());
    this.#free = [...this.#all];
  }

  async run(phases: readonly Phase[]): Promise<OpenLoadResult> {
    for (let start = 0; start < this.#all.length; start += openTogether) {
      const group = this.#all.slice(start, start + openTogether);
      await Promise.all(group.map(({ connection }) => connection.open()));
    }
    // The supervisor has yet to hand the last of them over.
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const lateCheck = setInterval(() => this.#giveUpLate(), lookForLateEveryMs);
    const tallies: TallyCounter[] = [];
    const phasesBeganAtMs: number[] = [];
    let recovery: TallyCounter[] = [];
    for (const phase of phases) {
      const whole = new TallyCounter(this.#goal);
      tallies.push(whole);
      phasesBeganAtMs.push(Date.now());
      recovery = await this.#runPhase(phase, whole);
    }
    while (this.#free.length < this.#all.length) await oneTick();
    clearInterval(lateCheck);
    for (const { connection } of this.#all) connection.drop();
    return {
      phases: tallies.map((tally) => tally.read()),
      phasesBeganAtMs,
      recovery: recovery.map((tally) => tally.read()),
      latestMs: this.#latestMs,
      confirmedTotal: this.#confirmedTotal,
      failures: this.#failures,
      received: this.#received.toColumns(),
    };
  }

  /** @returns the counters of the phase's parts */
  async #runPhase({ ratePerSecond, ms }: Phase, whole: TallyCounter): Promise<TallyCounter[]> {
    const startMs = performance.now();
    const gapMs = 1000 / ratePerSecond;
    const parts = Array.from({ length: Math.ceil(ms / recoveryPartMs) }, () => new TallyCounter(this.#goal));
    let arrived = 0;
    for (;;) {
      const elapsedMs = Math.min(performance.now() - startMs, ms);
      const due = Math.floor(elapsedMs / gapMs);
      this.#latestMs = Math.max(this.#latestMs, elapsedMs - arrived * gapMs);
      for (; arrived < due; arrived += 1) {
        const part = parts[Math.min(Math.floor((arrived * gapMs) / recoveryPartMs), parts.length - 1)];
        this.#arrive(startMs + arrived * gapMs, part === undefined ? [whole] : [whole, part]);
      }
      if (elapsedMs >= ms) return parts;
      await oneTick();
    }
  }

  #arrive(atMs: number, counters: readonly TallyCounter[]): void {
    const client = this.#free.pop();
    for (const counter of counters) {
      counter.offered += 1;
      if (client === undefined) counter.noConnection += 1;
    }
    if (client === undefined) return;
    client.asked = "hold";
    client.arrivedAtMs = atMs;
    client.counters = counters;
    client.userNumber = this.#users.take();
    client.eventIndex = this.#chooseEvent();
    client.connection.ask(client.writer.hold(client.userNumber, client.eventIndex));
  }

  #makeClient(): Client {
    const { host, port } = this.#plan;
    const client: Client = {
      connection: new OpenConnection(
        { host, port },
        {
          onAnswer: (reply, bytes) => this.#takeAnswer(client, reply, bytes),
          onReset: () => this.#fail(client, "resets"),
        },
      ),
      writer: new RequestWriter(this.#plan),
      asked: "hold",
      arrivedAtMs: 0,
      userNumber: 0,
      eventIndex: 0,
      counters: null,
    };
    return client;
  }

  #takeAnswer(client: Client, reply: ReplyReader, bytes: Buffer): void {
    const nowMs = performance.now();
    const { status } = reply;
    const { asked } = client;
    const saysWhen = status === 503 && retryAfter.test(headOf(bytes));
    for (const counter of client.counters ?? [])
      counter.answer(asked, status, nowMs - client.arrivedAtMs, saysWhen);
    if (asked === "hold" && status === 201) {
      const idStart = reply.idStart(bytes);
      this.#received.add(bytes, idStart, client.userNumber, client.eventIndex);
      if (this.#goal === "confirm") {
        client.asked = "confirm";
        client.arrivedAtMs = nowMs;
        client.connection.ask(client.writer.confirm(bytes, idStart));
        return;
      }
    }
    if (asked === "confirm" && status === 200) this.#confirmedTotal += 1;
    this.#release(client);
  }

  #giveUpLate(): void {
    const latestMs = performance.now() - deadlineMs;
    for (const client of this.#all) {
      if (client.counters !== null && client.arrivedAtMs < latestMs) this.#fail(client, "givenUp");
    }
  }

  #fail(client: Client, how: "givenUp" | "resets"): void {
    this.#failures += 1;
    for (const counter of client.counters ?? []) counter[how] += 1;
    client.connection.drop();
    this.#release(client);
  }

  #release(client: Client): void {
    client.counters = null;
    this.#free.push(client);
  }
}

/** Makes one load in open model, phase after phase. @returns when every request has been answered or given up */
export function runOpenLoad(plan: LoadPlan, phases: readonly Phase[]): Promise<OpenLoadResult> {
  return new OpenLoad(plan).run(phases);
}

function oneTick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, tickMs));
}
