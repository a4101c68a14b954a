import type { StockMessage } from "../../contract/stock-stream.ts";

/** Some text of a stream, ready for any number of sockets. */
export interface StreamFrame {
  /** For a client that speaks HTTP/1.0. */
  readonly plain: Buffer;
  /** As one chunk of a chunked body. */
  readonly chunk: Buffer;
}

/** How long a client waits before it connects again, in ms. */
const retryMs = 1_000;

/** The first words of every stream. */
export const retryFrame = frameOf(`retry: ${retryMs}\n\n`);

/** Says nothing, so that neither side nor anyone between them takes the connection for dead. */
export const keepAliveFrame = frameOf(":\n\n");

/** One message of a live stock stream. */
export function stockFrame(message: StockMessage): StreamFrame {
  return frameOf(`event: stock\nid: ${message.version}\ndata: ${JSON.stringify(message)}\n\n`);
}

function frameOf(text: string): StreamFrame {
  const plain = Buffer.from(text);
  return { plain, chunk: Buffer.from(`${plain.length.toString(16)}\r\n${text}\r\n`) };
}
