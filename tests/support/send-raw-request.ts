import { connect, type Socket } from "node:net";

export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Opens a connection to a service, to send it bytes that no HTTP client would. */
export async function openRawConnection(serviceUrl: string): Promise<RawConnection> {
  const { hostname, port } = new URL(serviceUrl);
  const socket = connect(Number(port), hostname);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return new RawConnection(socket);
}

export class RawConnection {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  readonly #closed: Promise<void>;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#chunks.push(chunk));
    socket.on("error", () => {});
    this.#closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** Ends the connection without a word, as a client that dies. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** What has come so far. */
  get received(): string {
    return Buffer.concat(this.#chunks).toString("latin1");
  }

  /** What came until the server closed the connection. */
  async readUntilClosed(): Promise<string> {
    await this.#closed;
    return this.received;
  }

  async readResponse(): Promise<RawResponse> {
    return parseResponse(await this.readUntilClosed());
  }
}

/** Sends bytes and reads the answer until the server closes the connection; the request must make it do so. */
export async function sendRawRequest(serviceUrl: string, bytes: string | Buffer): Promise<RawResponse> {
  const connection = await openRawConnection(serviceUrl);
  connection.send(bytes);
  return connection.readResponse();
}

export function parseResponse(text: string): RawResponse {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(statusLine.split(" ")[1]), headers, body: text.slice(end + 4) };
}
