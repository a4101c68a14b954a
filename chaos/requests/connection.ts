import { connect, type Socket } from "node:net";
import { parseReply, type Reply, UnreadableReplyError } from "./parse-reply.ts";

/** Where a listener is. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What came of one request. */
export type Exchange =
  | { readonly kind: "reply"; readonly reply: Reply; readonly leftover: string }
  /** The connection ended before an answer was complete. */
  | { readonly kind: "closed"; readonly received: string; readonly wasReused: boolean }
  | { readonly kind: "unreadable"; readonly why: string; readonly received: string }
  | { readonly kind: "silent"; readonly limitMs: number };

interface Waiting {
  readonly method: string;
  readonly settle: (exchange: Exchange) => void;
  readonly timer: NodeJS.Timeout;
}

const keptForReport = 4_000;

/** One connection that is kept as long as the server likes, for one request after the other. */
export class Connection {
  readonly #address: Address;
  readonly #limitMs: number;
  #socket: Socket | null = null;
  #uses = 0;
  #input: Buffer = Buffer.alloc(0);
  #waiting: Waiting | null = null;

  /** @param limitMs for each whole answer */
  constructor(address: Address, limitMs: number) {
    this.#address = address;
    this.#limitMs = limitMs;
  }

  /**
   * Sends the bytes of a request and waits for its answer. Never rejects.
   *
   * @param parts written one after the other, each in a turn of its own
   */
  send(method: string, parts: readonly Buffer[]): Promise<Exchange> {
    return new Promise((resolve) => {
      const socket = this.#open();
      const settle = (exchange: Exchange) => {
        clearTimeout(timer);
        this.#waiting = null;
        resolve(exchange);
      };
      const timer = setTimeout(() => {
        settle({ kind: "silent", limitMs: this.#limitMs });
        this.close();
      }, this.#limitMs);
      this.#waiting = { method, settle, timer };
      this.#uses += 1;
      void writeInTurn(socket, parts);
    });
  }

  /** Ends the connection without a word. The next request opens another. */
  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #open(): Socket {
    if (this.#socket !== null && this.#socket.writable) return this.#socket;
    this.#socket?.destroy();
    const socket = connect({ ...this.#address, noDelay: true });
    this.#socket = socket;
    this.#uses = 0;
    this.#input = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => {
      if (socket === this.#socket) this.#receive(bytes);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (socket === this.#socket) this.#end();
    });
    return socket;
  }

  #receive(bytes: Buffer): void {
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
    this.#answer(false);
  }

  #end(): void {
    this.#socket = null;
    if (!this.#answer(true) && this.#waiting !== null)
      this.#waiting.settle({ kind: "closed", received: this.#received(), wasReused: this.#uses > 1 });
    this.#input = Buffer.alloc(0);
  }

  /** @returns whether the request that waits has had its answer */
  #answer(isClosed: boolean): boolean {
    const waiting = this.#waiting;
    if (waiting === null) return false;
    try {
      const parsed = parseReply(this.#input, { method: waiting.method, isClosed });
      if (parsed === null) return false;
      const { reply, bytes, isStream } = parsed;
      const rest = this.#input.subarray(bytes);
      this.#input = Buffer.alloc(0);
      // More than was asked for would be taken for the answer to the next request.
      const isDone =
        isStream || reply.headers.get("connection")?.toLowerCase() === "close" || rest.length > 0;
      if (isDone) this.close();
      waiting.settle({ kind: "reply", reply, leftover: isStream ? "" : rest.toString("latin1") });
    } catch (error) {
      if (!(error instanceof UnreadableReplyError)) throw error;
      const received = this.#received();
      this.close();
      waiting.settle({ kind: "unreadable", why: error.message, received });
    }
    return true;
  }

  #received(): string {
    return this.#input.toString("latin1", 0, keptForReport);
  }
}

async function writeInTurn(socket: Socket, parts: readonly Buffer[]): Promise<void> {
  for (const part of parts) {
    if (!socket.writable) return;
    socket.write(part);
    if (parts.length > 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How a connection ends on which anything may be written. */
export type Ending = "wait" | "half-close" | "reset";

export interface RawExchange {
  readonly received: Buffer;
  /** Whether the server closed the connection, or the client gave up waiting. */
  readonly isClosed: boolean;
}

/** For a client that waits: what is not answered by then is left unanswered, for the server waits for more. */
const silenceMaxMs = 250;

/** Writes bytes on a connection of their own and reads whatever comes back. Never rejects. */
export function sendBytes(
  address: Address,
  bytes: Buffer,
  ending: Ending,
  limitMs: number,
): Promise<RawExchange> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ ...address, noDelay: true });
    const settle = (isClosed: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ received: Buffer.concat(chunks), isClosed });
    };
    const giveUpMs = ending === "half-close" ? limitMs : silenceMaxMs;
    const timer = setTimeout(() => settle(false), giveUpMs);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", () => {});
    socket.on("close", () => settle(true));
    socket.on("connect", () => {
      if (ending === "half-close") socket.end(bytes);
      else if (ending === "reset") socket.write(bytes, () => socket.resetAndDestroy());
      else socket.write(bytes);
    });
  });
}
