import { connect, type Socket } from "node:net";
import { ReplyReader } from "./reply-reader.ts";

/** A whole answer must fit; those of the service have less than 1 KiB. */
const receiveBytes = 16 * 1024;

/** What a connection does with an answer, and what it sends next. */
export interface Conversation {
  /** @returns the request to send, or null to end the conversation */
  first(): Buffer | null;
  /**
   * @param bytes holds the answer until this returns @returns the next request, or null to end the
   * conversation
   */
  next(reply: ReplyReader, bytes: Buffer): Buffer | null;
}

/**
 * One keep-alive connection with one request in flight. A socket with a receive buffer of its own and no HTTP
 * client: generator, service and database share the cores, and autocannon costs several times as much for
 * each request.
 *
 * @param whenEnded is called once; with an error when the connection broke with a request unanswered
 * @returns a function that cuts the connection
 */
export function openLoadConnection(
  address: { readonly host: string; readonly port: number },
  conversation: Conversation,
  whenEnded: (error: Error | null) => void,
): () => void {
  const received = Buffer.alloc(receiveBytes);
  const reader = new ReplyReader();
  let length = 0;
  let ended = false;
  const end = (error: Error | null) => {
    if (ended) return;
    ended = true;
    socket.destroy();
    whenEnded(error);
  };
  const send = (request: Buffer | null) => {
    if (request === null) end(null);
    else socket.write(request);
  };
  const receive = (count: number, bytes: Uint8Array): boolean => {
    if (ended) return false;
    try {
      length = takeIn(received, length, bytes, count);
      if (!reader.read(received, length)) return true;
      length = 0;
      send(conversation.next(reader, received));
    } catch (error) {
      end(error instanceof Error ? error : new Error(String(error)));
    }
    return true;
  };
  const socket: Socket = connect({
    ...address,
    noDelay: true,
    onread: { buffer: Buffer.alloc(receiveBytes), callback: receive },
  });
  socket.on("connect", () => send(conversation.first()));
  socket.on("error", (error) => end(error));
  socket.on("close", () => end(new Error("The service closed a connection.")));
  return () => end(new Error("A request was not answered in time."));
}

/** Appends what has arrived. @returns how many bytes of the answer there are now */
function takeIn(received: Buffer, length: number, bytes: Uint8Array, count: number): number {
  if (length + count > received.length) throw new Error(`An answer has more than ${received.length} bytes.`);
  received.set(bytes.subarray(0, count), length);
  return length + count;
}
