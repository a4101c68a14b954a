import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** Plays the SMS gateway and the receiver of webhooks, and repeats in every refusal all that it was told. */
export class TellTaleServer {
  readonly url: string;
  isRefusing = true;
  /** Every request, credentials and all. */
  readonly heard: string[] = [];
  readonly #server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", async (request, response) => {
      const text = await readWhole(request);
      this.heard.push(text);
      const isSms = request.url?.includes("/Messages.json") === true;
      const status = this.isRefusing ? 503 : isSms ? 201 : 200;
      response.writeHead(status, this.isRefusing ? `No, not ${text.slice(0, 40)}` : "OK", {
        "content-type": "application/json",
      });
      response.end(JSON.stringify(this.isRefusing ? { message: text, code: text } : { sid: "SM1" }));
    });
  }

  static async start(): Promise<TellTaleServer> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TellTaleServer(server);
  }

  /** The code of the last message to a phone; null while there is none. */
  codeFor(phoneNumber: string): string | null {
    const messages = this.heard.filter((text) => text.includes(encodeURIComponent(phoneNumber)));
    return /Body=[^&]*?(\d{6})/.exec(messages.at(-1) ?? "")?.[1] ?? null;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function readWhole(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return `${request.url} ${request.headers.authorization} ${Buffer.concat(chunks).toString("utf8")}`;
}
