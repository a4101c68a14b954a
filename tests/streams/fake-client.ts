import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { StockMessage } from "../../api/contract/stock-stream.ts";
import type { StockOfEvent } from "../../api/domain/event.ts";
import { StockStream } from "../../api/http/streams/stock-stream.ts";

/** A client whose connection is this object, for tests in which time is made by hand. */
export class FakeClient extends EventEmitter {
  destroyed = false;
  writableEnded = false;
  /** What it has left unread. */
  writableLength = 0;
  readonly chunkedEncoding = false;
  readonly texts: string[] = [];
  readonly socket = { write: (bytes: Buffer) => this.texts.push(bytes.toString()) };
  readonly stream: StockStream;

  constructor(...eventIds: readonly string[]) {
    super();
    this.stream = new StockStream(this as unknown as ServerResponse, eventIds);
  }

  get messages(): StockMessage[] {
    return this.texts.flatMap((text) => {
      const data = /^data: (.*)$/m.exec(text)?.[1];
      return data === undefined ? [] : [JSON.parse(data) as StockMessage];
    });
  }

  get versions(): number[] {
    return this.messages.map(({ version }) => version);
  }

  get comments(): number {
    return this.texts.filter((text) => text === ":\n\n").length;
  }

  end(): void {
    this.writableEnded = true;
    this.emit("close");
  }

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

/** An event with 100 tickets, all free unless told otherwise. */
export function stockOf(id: string, change: Partial<StockOfEvent> = {}): StockOfEvent {
  return {
    id,
    capacity: 100,
    available: 100,
    held: 0,
    sold: 0,
    version: 1,
    pausedReason: null,
    salesStartAtMs: null,
    salesEndAtMs: null,
    ...change,
  };
}
