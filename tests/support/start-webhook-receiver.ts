import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { waitFor } from "./wait-for.ts";

/** How a receiver answers. `hang`: never; `reset`: breaks the connection. */
export type ReceiverAnswer =
  | number
  | "hang"
  | "reset"
  | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

/** One message as it arrived. */
export interface ReceivedMessage {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What it was answered. */
  readonly answer: ReceiverAnswer;
}

/** A server of the shop that takes webhooks, and answers as it is told. */
export class WebhookReceiver {
  readonly url: string;
  /** Everything that arrived, in order, however it was answered. */
  readonly received: ReceivedMessage[] = [];
  /** Decides each answer: 204 unless told otherwise. */
  answer: (message: Omit<ReceivedMessage, "answer">) => ReceiverAnswer = () => 204;
  readonly #server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
    server.on("request", (incoming, outgoing) => void this.#take(incoming, outgoing));
  }

  static async start(): Promise<WebhookReceiver> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new WebhookReceiver(server);
  }

  /** What was taken, which is what was answered 2xx. */
  get taken(): ReceivedMessage[] {
    return this.received.filter(({ answer }) => typeof answer === "number" && answer >= 200 && answer < 300);
  }

  /** Waits for so many messages about something. */
  async waitForAbout(subjectId: string, count: number): Promise<ReceivedMessage[]> {
    return waitFor(`${count} messages about ${subjectId}`, () => {
      const found = this.taken.filter(({ data }) => data["id"] === subjectId);
      return found.length >= count && found;
    });
  }

  /** Whether one of a message's signatures was made with that secret. */
  static isSigned({ text, headers }: ReceivedMessage, secret: string): boolean {
    try {
      new Webhook(secret).verify(text, headers);
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const body = JSON.parse(text) as Pick<ReceivedMessage, "type" | "timestamp" | "data">;
    const headers = incoming.headers as Record<string, string>;
    const message = { id: headers["webhook-id"] ?? "", ...body, text, headers };
    const answer = this.answer(message);
    this.received.push({ ...message, answer });
    if (answer === "hang") return;
    if (answer === "reset") {
      incoming.socket.destroy();
      return;
    }
    if (typeof answer === "number") outgoing.writeHead(answer).end();
    else outgoing.writeHead(answer.status, answer.headers).end();
  }
}
