/** One message of PostgreSQL's protocol (version 3). */
export interface WireMessage {
  /** Its letter; empty for the first message of a client, which has none. */
  readonly type: string;
  /** What follows the length. */
  readonly body: Buffer;
  /** All of it, as it was sent. */
  readonly bytes: Buffer;
}

const lengthBytes = 4;

/** Cuts what is sent into messages, however it was cut into packets. */
export class MessageCutter {
  #rest: Buffer = Buffer.alloc(0);
  #isFirst: boolean;

  /** @param side clients begin with a message that has no letter */
  constructor(side: "client" | "server") {
    this.#isFirst = side === "client";
  }

  /** @returns the messages that are complete by now */
  push(chunk: Buffer): WireMessage[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: WireMessage[] = [];
    for (;;) {
      const letterBytes = this.#isFirst ? 0 : 1;
      const headBytes = letterBytes + lengthBytes;
      if (this.#rest.length < headBytes) return messages;
      const size = letterBytes + this.#rest.readUInt32BE(letterBytes);
      if (this.#rest.length < size) return messages;
      const bytes = this.#rest.subarray(0, size);
      messages.push({
        type: bytes.toString("latin1", 0, letterBytes),
        body: bytes.subarray(headBytes),
        bytes,
      });
      this.#rest = this.#rest.subarray(size);
      this.#isFirst = false;
    }
  }
}

/** The strings at the beginning of a message's body, each of which ends with a zero. */
export function readStrings(body: Buffer, count: number): string[] {
  const strings: string[] = [];
  for (let at = 0; strings.length < count;) {
    const end = body.indexOf(0, at);
    if (end === -1) throw new Error("A message of the database's protocol is cut short.");
    strings.push(body.toString("utf8", at, end));
    at = end + 1;
  }
  return strings;
}
