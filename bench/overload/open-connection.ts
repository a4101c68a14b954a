import { connect, type Socket } from "node:net";
import { ReplyReader } from "../load/reply-reader.ts";

const receiveBytes = 8 * 1024;
const closeHeader = /\r\nconnection: *close\r\n/i;
const headEnd = Buffer.from("\r\n\r\n");

/** What a connection tells its owner; at most one of these for each request. */
export interface ConnectionEvents {
  /** @param bytes holds the answer until this returns */
  readonly onAnswer: (reply: ReplyReader, bytes: Buffer) => void;
  /** The connection was closed or broke with a request unanswered. */
  readonly onReset: () => void;
}

/**
 * One keep-alive connection with one request in flight, as cheap as Node can do it. It lives on when it is closed: the
 * next request opens it anew.
 */
export class OpenConnection {
  readonly #address: { readonly host: string; readonly port: number };
  readonly #events: ConnectionEvents;
  readonly #received = Buffer.alloc(receiveBytes);
  readonly #reader = new ReplyReader();
  #length = 0;
  #isAsking = false;
  #socket: Socket | null = null;

  constructor(address: { readonly host: string; readonly port: number }, events: ConnectionEvents) {
    this.#address = address;
    this.#events = events;
  }

  /** Connects beforehand. @returns when connected, or failed to: the first request then tries again */
  open(): Promise<void> {
    const socket = this.#connect();
    return new Promise((resolve) => {
      socket.once("connect", () => resolve());
      socket.once("close", () => resolve());
    });
  }

  /** Not to be called while a request is in flight. */
  ask(request: Buffer): void {
    this.#isAsking = true;
    this.#length = 0;
    (this.#socket ?? this.#connect()).write(request);
  }

  /** Gives up the request in flight, if there is one, and the connection. Tells nobody. */
  drop(): void {
    this.#isAsking = false;
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
  }

  #connect(): Socket {
    const socket: Socket = connect({
      ...this.#address,
      noDelay: true,
      onread: {
        buffer: Buffer.alloc(receiveBytes),
        callback: (count, bytes) => this.#socket === socket && this.#receive(count, bytes),
      },
    });
    const end = () => {
      if (this.#socket !== socket) return;
      const wasAsking = this.#isAsking;
      this.drop();
      if (wasAsking) this.#events.onReset();
    };
    socket.on("error", end);
    socket.on("end", end);
    socket.on("close", end);
    this.#socket = socket;
    return socket;
  }

  #receive(count: number, bytes: Uint8Array): boolean {
    const received = this.#received;
    if (this.#length + count > received.length) throw new Error(`An answer has over ${receiveBytes} bytes.`);
    received.set(bytes.subarray(0, count), this.#length);
    this.#length += count;
    if (!this.#reader.read(received, this.#length)) return true;
    this.#length = 0;
    this.#isAsking = false;
    // Only refusals announce that.
    if (this.#reader.status === 503 && closeHeader.test(headOf(received))) this.drop();
    this.#events.onAnswer(this.#reader, received);
    return true;
  }
}

/** The head of the answer that a buffer starts with. */
export function headOf(answer: Buffer): string {
  return answer.toString("latin1", 0, answer.indexOf(headEnd) + headEnd.length);
}
