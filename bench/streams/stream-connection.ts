import { connect, type Socket } from "node:net";

const idField = "\nid: ";
const nothing = Buffer.alloc(0);

/** One open stream, read for its versions and nothing else, so that thousands cost one process little. */
export class StreamConnection {
  readonly #socket: Socket;
  readonly #onVersion: (before: number, version: number) => void;
  #rest: Buffer = nothing;
  #version = 0;
  #messages = 0;

  /**
   * @param request the bytes that ask for the stream
   * @param on.version is called with each version and the one before, 0 at first
   * @param on.broken is called when the stream ends before it is closed here
   */
  constructor(
    address: { readonly host: string; readonly port: number },
    request: Buffer,
    on: {
      readonly version: (before: number, version: number) => void;
      readonly broken: (reason: string) => void;
    },
  ) {
    this.#onVersion = on.version;
    this.#socket = connect({ ...address, noDelay: true });
    this.#socket.write(request);
    this.#socket.on("data", (bytes: Buffer) => this.#read(bytes));
    let reason = "The service has ended a stream.";
    this.#socket.on("error", (error) => (reason = error.message));
    this.#socket.on("close", () =>
      on.broken(this.#version > 0 ? reason : `${reason} ${this.#rest.toString()}`),
    );
  }

  get messages(): number {
    return this.#messages;
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const text = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    // Each message, and each chunk around it, ends with two line feeds or with their carriage return.
    const end = text.lastIndexOf("\n\n");
    const start = end < 0 ? -1 : text.lastIndexOf(idField, end);
    this.#rest = end < 0 ? text : text.subarray(end + 2);
    if (start < 0) return;
    const before = this.#version;
    this.#version = Number.parseInt(text.toString("latin1", start + idField.length, start + 30), 10);
    this.#messages += 1;
    this.#onVersion(before, this.#version);
  }
}
