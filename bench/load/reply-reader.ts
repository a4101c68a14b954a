const headEnd = Buffer.from("\r\n\r\n");
const idField = Buffer.from('"id":"');
const contentLength = /\r\ncontent-length: *(\d+)/i;

class UnreadableReplyError extends Error {}

/**
 * Finds the parts of one HTTP/1.1 answer in the bytes that have arrived. It asks for a Content-Length, which
 * the service always sends, and knows nothing of chunks.
 */
export class ReplyReader {
  status = 0;
  #bodyStart = 0;
  #end = 0;

  /**
   * @param bytes starts with the answer
   * @param length how many of the bytes have arrived
   * @returns whether the answer is complete
   * @throws UnreadableReplyError when this is no such answer, or when more came than was asked for
   */
  read(bytes: Buffer, length: number): boolean {
    const headLength = bytes.indexOf(headEnd);
    // The rest of the buffer may hold an older answer.
    if (headLength < 0 || headLength + headEnd.length > length) return false;
    const head = bytes.toString("latin1", 0, headLength);
    const bodyLength = contentLength.exec(head)?.[1];
    const status = Number(head.slice(9, 12));
    if (bodyLength === undefined || !(status >= 100))
      throw new UnreadableReplyError(`An answer could not be read: ${head}`);
    this.status = status;
    this.#bodyStart = headLength + headEnd.length;
    this.#end = this.#bodyStart + Number(bodyLength);
    if (length > this.#end) throw new UnreadableReplyError("More bytes came than the answer has.");
    return length === this.#end;
  }

  /** Whether the body of the answer that was read last contains these bytes. */
  has(bytes: Buffer, part: Buffer): boolean {
    const at = bytes.indexOf(part, this.#bodyStart);
    return at >= 0 && at < this.#end;
  }

  /** Where the 36 characters of the id start in the body of the answer that was read last. */
  idStart(bytes: Buffer): number {
    const at = bytes.indexOf(idField, this.#bodyStart);
    if (at < 0 || at >= this.#end) throw new UnreadableReplyError("An answer with status 201 has no id.");
    return at + idField.length;
  }
}
