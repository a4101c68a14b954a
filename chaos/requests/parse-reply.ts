/** An answer as it came over the wire. */
export interface Reply {
  readonly status: number;
  /** Names in lower case. What was given several times is joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** What a server sent is no HTTP. */
export class UnreadableReplyError extends Error {}

export interface ParsedReply {
  readonly reply: Reply;
  /** How many bytes of the input it took. */
  readonly bytes: number;
  /** A stream goes on; what stands in `body` is only what has come so far. */
  readonly isStream: boolean;
}

export interface Parsing {
  readonly method: string;
  /** No more bytes will come. */
  readonly isClosed: boolean;
}

const headBytesMax = 64 * 1024;

/**
 * Reads the first answer in what a server has sent so far; interim ones are passed over.
 *
 * @returns null while it is not complete
 * @throws UnreadableReplyError when it never can be
 */
export function parseReply(input: Buffer, parsing: Parsing): ParsedReply | null {
  const end = input.indexOf("\r\n\r\n");
  if (end < 0) {
    if (input.length > headBytesMax) throw new UnreadableReplyError("The head of the answer does not end.");
    return null;
  }
  const head = input.toString("latin1", 0, end);
  const { status, headers } = parseHead(head);
  const start = end + 4;
  if (status >= 100 && status < 200) {
    const next = parseReply(input.subarray(start), parsing);
    return next === null ? null : { ...next, bytes: next.bytes + start };
  }
  const body = readBody(input, start, { status, headers, ...parsing });
  if (body === null) return null;
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  return { reply: { status, headers, body: body.text }, bytes: start + body.bytes, isStream };
}

function parseHead(head: string): { status: number; headers: Map<string, string> } {
  const [first = "", ...lines] = head.split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) ?[\x20-\x7e]*$/.exec(first)?.[1];
  if (status === undefined) throw new UnreadableReplyError(`"${first.slice(0, 100)}" is no status line.`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    if (colon < 1 || !/^[!#-'*+.^-z|~\w-]+$/.test(name))
      throw new UnreadableReplyError(`"${line.slice(0, 100)}" is no header.`);
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status), headers };
}

interface Framing extends Parsing {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

function readBody(
  input: Buffer,
  start: number,
  { method, isClosed, status, headers }: Framing,
): { text: string; bytes: number } | null {
  if (method === "HEAD" || status === 204 || status === 304) return { text: "", bytes: 0 };
  const length = headers.get("content-length");
  if (length !== undefined) {
    if (!/^\d{1,9}$/.test(length)) throw new UnreadableReplyError(`"${length}" is no length.`);
    const bytes = Number(length);
    return input.length < start + bytes
      ? null
      : { text: textOf(input, start, start + bytes, headers), bytes };
  }
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  if (headers.get("transfer-encoding") === "chunked") return readChunks(input, start, isStream);
  // Without a length the body ends with the connection.
  if (isStream) return hasMessage(input.toString("utf8", start)) ? restOf(input, start) : null;
  return isClosed ? restOf(input, start) : null;
}

function restOf(input: Buffer, start: number) {
  return { text: input.toString("utf8", start), bytes: input.length - start };
}

/** What is compressed is not unpacked: only its type and its length are judged. */
function textOf(input: Buffer, start: number, end: number, headers: ReadonlyMap<string, string>): string {
  return headers.has("content-encoding") ? "" : input.toString("utf8", start, end);
}

/** @param isStream a first message is enough */
function readChunks(input: Buffer, start: number, isStream: boolean): { text: string; bytes: number } | null {
  const parts: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = input.indexOf("\r\n", at);
    const size = lineEnd < 0 ? null : Number.parseInt(input.toString("latin1", at, lineEnd), 16);
    if (size !== null && !(size >= 0)) throw new UnreadableReplyError("A chunk has no size.");
    if (size === null || input.length < lineEnd + 2 + size + 2) break;
    const from = lineEnd + 2;
    if (size === 0) return { text: Buffer.concat(parts).toString("utf8"), bytes: from + 2 - start };
    parts.push(input.subarray(from, from + size));
    at = from + size + 2;
  }
  const text = Buffer.concat(parts).toString("utf8");
  return isStream && hasMessage(text) ? { text, bytes: at - start } : null;
}

function hasMessage(text: string): boolean {
  return /(?:^|\n)data: [^]*?\n\n/.test(text);
}
