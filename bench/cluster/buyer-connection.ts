import { connect, type Socket } from "node:net";
import { ReplyReader } from "../load/reply-reader.ts";

/** What became of one request. */
export type Answer =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** Holds the whole answer. */
      readonly bytes: Buffer;
      /** Where the reservation's id starts; -1 when the status is not 201. */
      readonly idStart: number;
    }
  | { readonly kind: "failed"; readonly reason: string };

/** Why a request failed of which nothing more was heard. */
export const noAnswerInTime = "no answer in time";

const nothing = Buffer.alloc(0);
const closeHeader = /\r\nconnection: *close\r\n/i;
const headEnd = "\r\n\r\n";

/**
 * One keep-alive connection with one request in flight. Unlike the connections of the load generator it lives on when
 * the service closes it: announced by `Connection: close`, or while nothing is asked. Then the next request opens
 * it anew. A connection that breaks with a request unanswered is a failure of that request.
 */
export class BuyerConnection {
  readonly #address: { readonly host: string; readonly port: number };
  readonly #answerMaxMs: number;
  #socket: Socket | null = null;
  #settle: ((answer: Answer) => void) | null = null;
  #received: Buffer = nothing;
  readonly #reader = new ReplyReader();
  #closedByService = 0;

  constructor(address: { readonly host: string; readonly port: number }, answerMaxMs: number) {
    this.#address = address;
    this.#answerMaxMs = answerMaxMs;
  }

  /** How often the service took leave of this connection in good order. */
  get closedByService(): number {
    return this.#closedByService;
  }

  /** Sends a request and waits for its answer. Not to be called while another is in flight. Never throws. */
  ask(request: Buffer): Promise<Answer> {
    return new Promise((resolve) => {
      const limit = setTimeout(() => this.#fail(noAnswerInTime), this.#answerMaxMs);
      this.#settle = (answer) => {
        this.#settle = null;
        clearTimeout(limit);
        resolve(answer);
      };
      this.#socket ??= this.#open();
      this.#socket.write(request);
    });
  }

  /** A request in flight fails. */
  close(): void {
    this.#fail("given up");
  }

  #open(): Socket {
    const socket = connect({ ...this.#address, noDelay: true });
    this.#received = nothing;
    let trouble = "closed with a request unanswered";
    socket.on("data", (bytes: Buffer) => this.#socket === socket && this.#receive(bytes));
    socket.on("error", (error) => (trouble = "code" in error ? String(error.code) : error.message));
    const end = () => {
      if (this.#socket !== socket) return;
      if (this.#settle === null) this.#closedByService += 1;
      this.#fail(trouble);
    };
    socket.on("end", end);
    socket.on("close", end);
    return socket;
  }

  #receive(bytes: Buffer): void {
    const received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    this.#received = received;
    let answer: Answer;
    try {
      if (!this.#reader.read(received, received.length)) return;
      const { status } = this.#reader;
      const idStart = status === 201 ? this.#reader.idStart(received) : -1;
      answer = { kind: "answered", status, bytes: received, idStart };
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#received = nothing;
    if (announcesClose(received)) {
      this.#closedByService += 1;
      this.#drop();
    }
    this.#settle?.(answer);
  }

  #fail(reason: string): void {
    this.#drop();
    this.#settle?.({ kind: "failed", reason });
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
  }
}

function announcesClose(answer: Buffer): boolean {
  return closeHeader.test(answer.toString("latin1", 0, answer.indexOf(headEnd) + headEnd.length));
}
