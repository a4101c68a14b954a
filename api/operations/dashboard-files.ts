import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** A built file, ready to be sent. */
interface DashboardFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly etag: string;
  /** Its name changes with its content, so that a browser may keep it for good. */
  readonly isImmutable: boolean;
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

/** Scripts come from here alone. Components set styles on their elements, which needs the one exception. */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const makeGzip = promisify(gzip);
const makeBrotli = promisify(brotliCompress);

/** The built dashboard, in memory from when it is first asked for. */
export class DashboardFiles {
  readonly #folder: string;
  #files: Promise<ReadonlyMap<string, DashboardFile>> | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Answers a GET or HEAD with a file. An address without a file name is a page of the dashboard, which finds its way
   * by itself.
   *
   * @returns false when there is no such file; nothing has been sent then
   */
  async serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
    const files = await this.#read();
    const isPage = !/\.[^/]*$/.test(path);
    const file = files.get(isPage ? "/index.html" : path);
    if (file === undefined) return false;
    await send(request, response, file);
    return true;
  }

  #read(): Promise<ReadonlyMap<string, DashboardFile>> {
    if (this.#files !== null) return this.#files;
    const reading = readFolder(this.#folder);
    this.#files = reading;
    // A folder that is empty now may be built later.
    const forget = () => (this.#files = null);
    reading.then((files) => files.size === 0 && forget(), forget);
    return reading;
  }
}

async function readFolder(folder: string): Promise<ReadonlyMap<string, DashboardFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, DashboardFile>();
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const name = `/${relative(folder, path).split(sep).join("/")}`;
    const bytes = await readFile(path);
    files.set(name, {
      bytes,
      contentType: contentTypes[extname(name)] ?? "application/octet-stream",
      etag: `W/"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
      isImmutable: name.startsWith("/assets/"),
      compressed: new Map(),
    });
  }
  return files;
}

async function send(request: IncomingMessage, response: ServerResponse, file: DashboardFile): Promise<void> {
  const headers: Record<string, string | number> = {
    "Content-Type": file.contentType,
    "Cache-Control": file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    ETag: file.etag,
    Vary: "Accept-Encoding",
    "Content-Security-Policy": contentPolicy,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
  };
  if (request.headers["if-none-match"] === file.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const encoding = isCompressible(file) ? chooseEncoding(request.headers["accept-encoding"]) : null;
  const body = encoding === null ? file.bytes : await compress(file, encoding);
  if (encoding !== null) headers["Content-Encoding"] = encoding;
  response.writeHead(200, { ...headers, "Content-Length": body.length });
  response.end(body);
}

function isCompressible({ contentType, bytes }: DashboardFile): boolean {
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
function compress(file: DashboardFile, encoding: Encoding): Promise<Buffer> {
  const known = file.compressed.get(encoding);
  if (known !== undefined) return known;
  const made =
    encoding === "gzip"
      ? makeGzip(file.bytes, { level: 9 })
      : makeBrotli(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  file.compressed.set(encoding, made);
  return made;
}
