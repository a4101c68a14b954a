import { type ClientRequest, get, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { type StockMessage, stockMessage } from "../../api/contract/stock-stream.ts";
import { waitFor } from "../support/wait-for.ts";

/** One event of a stream, with the fields as they were sent. */
export interface StreamEvent {
  readonly name: string;
  readonly id: string;
  readonly message: StockMessage;
}

/** A client of a live stock stream that keeps everything it is told, and holds it against the contract. */
export class StreamClient {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly events: StreamEvent[] = [];
  /** What `retry:` said; null when it did not. */
  retryMs: number | null = null;
  comments = 0;
  /** Whether the server has ended the stream: in good order, or by cutting the connection. */
  end: "good" | "cut" | null = null;
  readonly #request: ClientRequest;
  readonly #response: IncomingMessage;
  #rest = "";

  constructor(request: ClientRequest, response: IncomingMessage) {
    this.#request = request;
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    response.setEncoding("utf8");
    response.on("data", (text: string) => this.#take(text));
    response.on("end", () => (this.end = "good"));
    response.on("error", () => (this.end ??= "cut"));
  }

  get messages(): StockMessage[] {
    return this.events.map(({ message }) => message);
  }

  get versions(): number[] {
    return this.messages.map(({ version }) => version);
  }

  get last(): StockMessage | undefined {
    return this.events.at(-1)?.message;
  }

  /** Waits until the last message is as wanted. */
  until(what: string, isWanted: (last: StockMessage) => boolean): Promise<StockMessage> {
    return waitFor(what, () => {
      const { last } = this;
      return last !== undefined && isWanted(last) && last;
    });
  }

  /** Waits until the server has ended the stream. */
  ended(): Promise<"good" | "cut"> {
    return waitFor("the end of the stream", () => this.end);
  }

  /** Leaves what the server sends unread. */
  pause(): void {
    this.#response.pause();
  }

  close(): void {
    this.#request.destroy();
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    for (const block of blocks) this.#takeBlock(block);
  }

  #takeBlock(block: string): void {
    if (block === ":") {
      this.comments += 1;
      return;
    }
    const fields = new Map(block.split("\n").map((line) => [line.split(": ")[0] ?? "", line]));
    const value = (name: string) => fields.get(name)?.slice(name.length + 2) ?? "";
    if (fields.has("retry")) this.retryMs = Number(value("retry"));
    if (!fields.has("data")) return;
    const message = stockMessage.parse(JSON.parse(value("data")));
    this.events.push({ name: value("event"), id: value("id"), message });
  }
}

/** Opens a stream; a refusal is a client, too, whose body is not one of events. */
export function openStream(
  serviceUrl: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamClient> {
  return new Promise((resolve, reject) => {
    const request = get(`${serviceUrl}${path}`, { agent: false, headers }, (response) =>
      resolve(new StreamClient(request, response)),
    );
    request.on("error", reject);
  });
}

export const streamOf = (eventId: string): string => `/v1/events/${eventId}/stream`;
