import { Connection, type Address, type Exchange, sendBytes } from "./connection.ts";
import { judgeBytes } from "./judge-bytes.ts";
import { calledBy, isUnparsed, Judge, parseJson, type Sent } from "./judge-reply.ts";
import type { KnownThings } from "./known-things.ts";
import { learnFromReply } from "./learn-from-reply.ts";
import type { Credential, Listener, Planned, PlannedBytes, PlannedRequest } from "./plan.ts";
import { ReplayBook } from "./replay-book.ts";
import type { ReplySchemas } from "./reply-schemas.ts";
import { Tally } from "./tally.ts";
import { writeRequest, type WrittenRequest } from "./write-request.ts";

export interface AttackParts {
  readonly plan: { at(number: number): Planned };
  readonly known: KnownThings;
  readonly schemas: ReplySchemas;
  readonly addresses: Readonly<Record<Listener, Address>>;
  readonly connections: number;
  /** For each answer. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

const shownMax = 3_000;

/** Sends planned requests over a few connections at once, and holds every answer against the contract. */
export class Attack {
  readonly tally = new Tally();
  readonly replays = new ReplayBook();
  readonly #parts: AttackParts;
  readonly #judge: Judge;
  #next = 0;
  #end = 0;

  constructor(parts: AttackParts) {
    this.#parts = parts;
    this.#judge = new Judge(parts.schemas);
  }

  /** Sends the requests from one number up to another, which is not sent. Ends early when the signal says so. */
  async run(from: number, to: number): Promise<void> {
    [this.#next, this.#end] = [from, to];
    const lanes = Math.min(this.#parts.connections, to - from);
    await Promise.all(Array.from({ length: lanes }, () => this.#runLane()));
  }

  async #runLane(): Promise<void> {
    const { addresses, limitMs, signal } = this.#parts;
    const lane: Readonly<Record<Listener, Connection>> = {
      public: new Connection(addresses.public, limitMs),
      operations: new Connection(addresses.operations, limitMs),
    };
    while (this.#next < this.#end && !signal.aborted) {
      const number = this.#next++;
      const planned = this.#parts.plan.at(number);
      this.tally.planned += 1;
      if (planned.kind === "bytes") await this.#sendBytes(planned, number);
      else await this.#sendRequest(planned, number, lane[planned.listener]);
    }
    for (const connection of Object.values(lane)) connection.close();
  }

  async #sendRequest(planned: PlannedRequest, number: number, connection: Connection): Promise<void> {
    switch (planned.again) {
      case "no":
        return this.#sendOnce(planned, number, connection);
      case "later":
        await this.#sendOnce(planned, number, connection);
        return this.#sendOnce(planned, number, connection);
      case "by another":
        await this.#sendOnce(planned, number, connection);
        return this.#sendOnce(
          { ...planned, credential: anotherThan(planned.credential) },
          number,
          connection,
        );
      case "at once": {
        const second = new Connection(this.#parts.addresses[planned.listener], this.#parts.limitMs);
        await Promise.all([connection, second].map((each) => this.#sendOnce(planned, number, each)));
        second.close();
      }
    }
  }

  async #sendOnce(planned: PlannedRequest, number: number, connection: Connection): Promise<void> {
    this.tally.sent += 1;
    const written = writeRequest(planned, number, this.#parts.known);
    let exchange = await connection.send(written.method, written.parts);
    if (exchange.kind === "closed" && exchange.wasReused && exchange.received === "") {
      // A server may close a connection that is idle just as a request is on its way.
      this.tally.resent += 1;
      exchange = await connection.send(written.method, written.parts);
    }
    const why = this.#judgeExchange(planned, written, exchange);
    if (why === null) return;
    this.tally.fail({
      number,
      asked: `${planned.listener === "operations" ? "operations " : ""}${written.method} ${templateOf(planned, written)}`,
      why,
      sent: cut(Buffer.concat(written.parts).toString("latin1")),
      received: cut(receivedOf(exchange)),
    });
  }

  #judgeExchange(planned: PlannedRequest, written: WrittenRequest, exchange: Exchange): string | null {
    switch (exchange.kind) {
      case "closed":
        return "The connection was closed without a whole answer.";
      case "unreadable":
        return `The answer is no HTTP: ${exchange.why}`;
      case "silent":
        return `There was no answer within ${exchange.limitMs} ms.`;
      case "reply":
        // Of what cannot be parsed nobody knows that only a head was asked for.
        return exchange.leftover === "" || (written.method === "HEAD" && isUnparsed(exchange.reply))
          ? this.#judgeReply(planned, written, exchange.reply)
          : "More was answered than asked.";
    }
  }

  #judgeReply(
    planned: PlannedRequest,
    written: WrittenRequest,
    reply: Extract<Exchange, { kind: "reply" }>["reply"],
  ): string | null {
    const sent: Sent = {
      listener: planned.listener,
      method: written.method,
      path: written.path,
      body: written.body,
      credential: planned.credential.kind,
      namesPage: written.headers.some(([name]) => /^(?:origin|sec-fetch-site)$/i.test(name)),
    };
    const called = calledBy(sent);
    const value = parseJson(reply.body);
    this.tally.countReply(called, written.path, reply, value);
    const keys = written.headers
      .filter(([name]) => /^idempotency-key$/i.test(name))
      .map(([, key]) => key.trim());
    const keyed = {
      caller: written.authorization ?? written.address,
      method: written.method,
      path: written.path.replace(/\?.*$/s, ""),
      key: keys.length === 0 ? null : keys.join(", ").replace(/^"(.*)"$/, "$1"),
    };
    const why = this.#judge.judge(sent, reply) ?? this.replays.compare(called, keyed, reply, value);
    if (why === null && reply.status < 300) learnFromReply(called, value, this.#parts.known);
    return why;
  }

  async #sendBytes(planned: PlannedBytes, number: number): Promise<void> {
    const { addresses, known, limitMs, schemas } = this.#parts;
    const bytes = Buffer.from(known.fill(planned.bytes, { number, user: null }), "latin1");
    const { received, isClosed } = await sendBytes(
      addresses[planned.listener],
      bytes,
      planned.ending,
      limitMs,
    );
    this.tally.rawConnections += 1;
    this.tally.sent += 1;
    const { replies, why } = judgeBytes(received, isClosed && planned.ending !== "reset", schemas);
    for (const { status } of replies) this.tally.countStatus(status);
    const isOpen = planned.ending === "half-close" && !isClosed;
    const wrong = why ?? (isOpen ? `The connection was still open after ${limitMs} ms.` : null);
    if (wrong === null) return;
    this.tally.fail({
      number,
      asked: `bytes to the ${planned.listener} listener`,
      why: wrong,
      sent: cut(bytes.toString("latin1")),
      received: cut(received.toString("latin1")),
    });
  }
}

/** Somebody else who may make the same call. */
function anotherThan({ kind, n }: Credential): Credential {
  return { kind: kind === "admin" ? "service" : kind === "service" ? "admin" : kind, n: n + 1 };
}

function templateOf({ target }: PlannedRequest, { path }: WrittenRequest): string {
  return target.kind === "stray" ? path.slice(0, 80) : target.name;
}

function receivedOf(exchange: Exchange): string {
  switch (exchange.kind) {
    case "reply":
      return `${exchange.reply.status} ${JSON.stringify(Object.fromEntries(exchange.reply.headers))}\n${exchange.reply.body}`;
    case "silent":
      return "";
    default:
      return exchange.received;
  }
}

function cut(text: string): string {
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}... (${text.length} in all)`;
}
