import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { listHeaders, protectiveHeaders } from "./protective-headers.ts";
import { requestIdOf } from "./request-id.ts";

/** A built file, ready to be sent. */
interface PageFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly etag: string;
  /** Its name changes with its content, so that a browser may keep it for good. */
  readonly isImmutable: boolean;
  /** Has a place for the word that allows this one page to make styles. */
  readonly wantsNonce: boolean;
  /** Made when it is first asked for. Empty for what does not get smaller. */
  readonly compressed: Map<Encoding, Promise<Buffer>>;
}

type Encoding = "br" | "gzip";

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".ico": "image/x-icon",
  ".png": "image/png",
  ".woff2": "font/woff2",
};
const compressible = new Set([".html", ".js", ".css", ".json", ".svg", ".txt", ".webmanifest"]);

/** Stands in a page and in its policy for a word that is another one in each answer. */
const noncePlace = "{{nonce}}";

/** Everything comes from here alone. Components make style sheets as they go, which need the word of their page. */
export const ownContentOnly = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' 'nonce-${noncePlace}'`,
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The file that every page begins with; its script finds the way by itself. */
export const firstFile = "/index.html";

const makeGzip = promisify(gzip);
const makeBrotli = promisify(brotliCompress);

/** The files of built pages, in memory from when one is first asked for. */
export class PageFiles {
  readonly #folder: string;
  readonly #contentPolicy: string;
  #files: Promise<ReadonlyMap<string, PageFile>> | null = null;

  /** @param contentPolicy what the browser may load and run, sent with every file */
  constructor(folder: string, contentPolicy: string) {
    this.#folder = folder;
    this.#contentPolicy = contentPolicy;
  }

  /**
   * Answers a GET or HEAD with a file.
   *
   * @param name its path in the folder, beginning with a slash
   * @returns false when there is no such file; nothing has been sent then
   */
  async serve(request: IncomingMessage, response: ServerResponse, name: string): Promise<boolean> {
    const file = (await this.#read()).get(name);
    if (file === undefined) return false;
    await send(request, response, file, this.#contentPolicy);
    return true;
  }

  #read(): Promise<ReadonlyMap<string, PageFile>> {
    if (this.#files !== null) return this.#files;
    const reading = readFolder(this.#folder);
    this.#files = reading;
    // A folder that is empty now may be built later.
    const forget = () => (this.#files = null);
    reading.then((files) => files.size === 0 && forget(), forget);
    return reading;
  }
}

async function readFolder(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, PageFile>();
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const name = `/${relative(folder, path).split(sep).join("/")}`;
    const bytes = await readFile(path);
    files.set(name, {
      bytes,
      contentType: contentTypes[extname(name)] ?? "application/octet-stream",
      etag: `W/"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
      isImmutable: name.startsWith("/assets/"),
      wantsNonce: name.endsWith(".html") && bytes.includes(noncePlace),
      compressed: new Map(),
    });
  }
  return files;
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  file: PageFile,
  contentPolicy: string,
): Promise<void> {
  if (file.wantsNonce) return sendWithNonce(request, response, file, contentPolicy);
  const headers = [
    ...listHeaders({
      "Cache-Control": file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
      ETag: file.etag,
      Vary: "Accept-Encoding",
    }),
    ...headersOf(request, file, contentPolicy.replace(` 'nonce-${noncePlace}'`, "")),
  ];
  if (request.headers["if-none-match"] === file.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const encoding = isCompressible(file) ? chooseEncoding(request.headers["accept-encoding"]) : null;
  const body = encoding === null ? file.bytes : await compress(file, encoding);
  if (encoding !== null) headers.push("Content-Encoding", encoding);
  response.writeHead(200, [...headers, "Content-Length", String(body.length)]);
  response.end(body);
}

/** A page that is another one in each answer: small, and not worth keeping. */
function sendWithNonce(
  request: IncomingMessage,
  response: ServerResponse,
  file: PageFile,
  contentPolicy: string,
): void {
  const nonce = randomBytes(16).toString("base64");
  const body = file.bytes.toString("utf8").replaceAll(noncePlace, nonce);
  response.writeHead(200, [
    ...listHeaders({ "Cache-Control": "no-cache", "Content-Length": String(Buffer.byteLength(body)) }),
    ...headersOf(request, file, contentPolicy.replace(noncePlace, nonce)),
  ]);
  response.end(body);
}

function headersOf(request: IncomingMessage, file: PageFile, contentPolicy: string): readonly string[] {
  return [
    ...listHeaders({
      "Content-Type": file.contentType,
      "X-Request-Id": requestIdOf(request),
      "Content-Security-Policy": contentPolicy,
    }),
    ...protectiveHeaders,
  ];
}

function isCompressible({ contentType, bytes }: PageFile): boolean {
  return (
    bytes.length > 1_000 && [...compressible].some((extension) => contentTypes[extension] === contentType)
  );
}

function chooseEncoding(accepted: string | string[] | undefined): Encoding | null {
  const offers = String(accepted ?? "")
    .toLowerCase()
    .split(",")
    .map((part) => part.trim().split(/\s*;\s*q\s*=\s*/))
    .filter(([, quality]) => quality === undefined || Number(quality) > 0);
  const isOffered = (encoding: Encoding) => offers.some(([name]) => name === encoding);
  if (isOffered("br")) return "br";
  return isOffered("gzip") ? "gzip" : null;
}

/** Two requests at once share the work. */
function compress(file: PageFile, encoding: Encoding): Promise<Buffer> {
  const known = file.compressed.get(encoding);
  if (known !== undefined) return known;
  const made =
    encoding === "gzip"
      ? makeGzip(file.bytes, { level: 9 })
      : makeBrotli(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  file.compressed.set(encoding, made);
  return made;
}
