import type { ServerResponse } from "node:http";
import { plainAnswerHeaders } from "../protective-headers.ts";
import { retryFrame, type StreamFrame } from "./stream-frame.ts";

/** A client that has left so much unread is too slow to follow. It is told how things are when it connects again. */
const unsentBytesMax = 64 * 1024;

const streamHeaders = [
  "Content-Type",
  "text/event-stream; charset=utf-8",
  "Cache-Control",
  "no-store",
  ...plainAnswerHeaders,
  // A proxy that gathers answers would keep the news to itself.
  "X-Accel-Buffering",
  "no",
  // Nothing can follow a stream on its connection.
  "Connection",
  "close",
];

/** Sends the head of a stream. @param headers further ones, as name, value, name, value */
export function sendStreamHead(response: ServerResponse, headers: readonly string[]): void {
  response.writeHead(200, [...streamHeaders, ...headers]);
  response.flushHeaders();
}

/** The open answer to one client that follows events. */
export class StockStream {
  /** The events that it follows. */
  readonly eventIds: readonly string[];
  readonly #response: ServerResponse;
  readonly #unsentBytesMax: number;

  /** @param response its head must have been sent */
  constructor(response: ServerResponse, eventIds: readonly string[], unsentMax: number = unsentBytesMax) {
    this.#response = response;
    this.eventIds = eventIds;
    this.#unsentBytesMax = unsentMax;
    this.send(retryFrame);
  }

  /** Calls `handle` once the connection is over, whoever ended it. */
  onClose(handle: () => void): void {
    this.#response.once("close", handle);
  }

  /** Sends some text, unless the client is gone or has left too much unread: then it is dropped. */
  send(frame: StreamFrame): void {
    const response = this.#response;
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > this.#unsentBytesMax) {
      this.drop();
      return;
    }
    const { socket } = response;
    // An answer that still waits for those before it on its connection has no socket yet.
    if (socket === null) response.write(frame.plain);
    // Written past the response, which would wrap the same bytes into a chunk anew for each client.
    else socket.write(response.chunkedEncoding ? frame.chunk : frame.plain);
  }

  /** Ends the stream in good order; what was sent still arrives. */
  end(): void {
    if (!this.#response.destroyed) this.#response.end();
  }

  /** Cuts the connection. */
  drop(): void {
    this.#response.destroy();
  }
}
