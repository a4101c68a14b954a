import { BuyerConnection } from "../cluster/buyer-connection.ts";
import { RequestWriter, UserNumbers } from "../load/hold-requests.ts";
import type { LoadPlan } from "../load/load-plan.ts";
import { ReceivedHoldsCollector } from "../load/received-holds.ts";
import type { FollowerReply, Update } from "./follower-messages.ts";
import { StreamConnection } from "./stream-connection.ts";

/** Streams that are opened at a time. */
const openingMax = 100;
const answerMaxMs = 10_000;

/** An update that is on its way. */
interface Awaited {
  readonly version: number;
  readonly sinceMs: number;
  readonly reached: PromiseWithResolvers<void>;
  clientsLeft: number;
  firstClientMs: number | null;
}

/** Many clients of one event, and a buyer whose holds they are told. */
export class Followers {
  readonly #plan: LoadPlan;
  readonly #count: number;
  readonly #streams: StreamConnection[] = [];
  readonly #buyer: BuyerConnection;
  readonly #writer: RequestWriter;
  readonly #users = new UserNumbers();
  readonly #received = new ReceivedHoldsCollector();
  #version = 0;
  #awaited: Awaited | null = null;
  #broken: string | null = null;

  constructor(plan: LoadPlan, count: number) {
    this.#plan = plan;
    this.#count = count;
    this.#buyer = new BuyerConnection(plan, answerMaxMs);
    this.#writer = new RequestWriter(plan);
  }

  /** Opens all streams. @returns how long it took until each had its first message, in ms */
  async open(): Promise<number> {
    const sinceMs = performance.now();
    while (this.#streams.length < this.#count) {
      const next = Math.min(openingMax, this.#count - this.#streams.length);
      await Promise.all(Array.from({ length: next }, () => this.#openOne()));
    }
    return performance.now() - sinceMs;
  }

  /** Makes one hold. Only this buyer changes the event, so the next version is known. */
  async update(): Promise<Update> {
    const userNumber = this.#users.take();
    const awaited: Awaited = {
      version: this.#version + 1,
      sinceMs: performance.now(),
      reached: Promise.withResolvers(),
      clientsLeft: this.#count,
      firstClientMs: null,
    };
    this.#awaited = awaited;
    const answer = await this.#buyer.ask(this.#writer.hold(userNumber, 0));
    const answeredMs = performance.now() - awaited.sinceMs;
    if (answer.kind === "failed" || answer.status !== 201) {
      throw new Error(
        `A hold failed: ${answer.kind === "failed" ? answer.reason : `status ${answer.status}`}.`,
      );
    }
    this.#received.add(answer.bytes, answer.idStart, userNumber, 0);
    await this.#waitFor(
      awaited.reached.promise,
      () => `${awaited.clientsLeft} streams were not told an update`,
    );
    const lastClientMs = performance.now() - awaited.sinceMs;
    return { answeredMs, firstClientMs: awaited.firstClientMs ?? lastClientMs, lastClientMs };
  }

  close(): FollowerReply {
    const messages = this.#streams.reduce((sum, stream) => sum + stream.messages, 0);
    for (const stream of this.#streams) stream.close();
    this.#buyer.close();
    return { kind: "closed", received: this.#received.toColumns(), messages };
  }

  async #openOne(): Promise<void> {
    const { host, port, apiKey, eventIds } = this.#plan;
    const request = Buffer.from(
      `GET /v1/events/${eventIds[0]}/stream HTTP/1.1\r\nHost: ${host}:${port}\r\nAuthorization: Bearer ${apiKey}\r\n\r\n`,
    );
    const opened = Promise.withResolvers<void>();
    const stream = new StreamConnection({ host, port }, request, {
      version: (before, version) => {
        if (before === 0) opened.resolve();
        this.#note(before, version);
      },
      broken: (reason) => {
        this.#broken ??= reason;
        opened.reject(new Error(reason));
        this.#awaited?.reached.reject(new Error(reason));
      },
    });
    this.#streams.push(stream);
    await this.#waitFor(opened.promise, () => "A stream had no first message");
  }

  #note(before: number, version: number): void {
    this.#version = Math.max(this.#version, version);
    const awaited = this.#awaited;
    if (awaited === null || before >= awaited.version || version < awaited.version) return;
    awaited.firstClientMs ??= performance.now() - awaited.sinceMs;
    awaited.clientsLeft -= 1;
    if (awaited.clientsLeft === 0) awaited.reached.resolve();
  }

  async #waitFor(promise: Promise<void>, complaint: () => string): Promise<void> {
    if (this.#broken !== null) throw new Error(this.#broken);
    const tooLate = Promise.withResolvers<never>();
    const limit = setTimeout(
      () => tooLate.reject(new Error(`${complaint()} within ${answerMaxMs / 1000} s.`)),
      answerMaxMs,
    );
    await Promise.race([promise, tooLate.promise]).finally(() => clearTimeout(limit));
  }
}
