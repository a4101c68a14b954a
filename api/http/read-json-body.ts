import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { RequestProblem } from "./problem-reply.ts";

/** The most bytes that a request body may have. */
const bodyBytesMax = 16 * 1024;

/**
 * Reads a request's JSON body. Only routes that take a body call this, so that nothing else pays for it.
 *
 * @returns the parsed value; an empty object when there is no body
 * @throws RequestProblem for a body that is too large, not JSON, not UTF-8, or sent as another type
 * @throws ClientGoneError when the client leaves before its body is complete
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const { headers } = request;
  const declaredBytes = headers["content-length"];
  const hasBody =
    declaredBytes === undefined ? headers["transfer-encoding"] !== undefined : declaredBytes !== "0";
  if (!hasBody) return {};
  requireJsonType(headers["content-type"], headers["content-encoding"]);
  if (declaredBytes !== undefined && Number(declaredBytes) > bodyBytesMax) throw tooLarge();
  const bytes = await collect(request);
  if (bytes.length === 0) return {};
  if (!isUtf8(bytes))
    throw new RequestProblem("malformed_request", { detail: "The body is not valid UTF-8." });
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new RequestProblem("malformed_request", { detail: "The body is not valid JSON." });
  }
}

function requireJsonType(type: string | undefined, encoding: string | undefined): void {
  const isJson =
    type === "application/json" ||
    (type !== undefined && /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type));
  if (!isJson || (encoding !== undefined && encoding.toLowerCase() !== "identity")) {
    throw new RequestProblem("unsupported_media_type");
  }
}

function collect(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (request.destroyed) {
      // Its client left while the caller was looked up: all its events have passed, and none will come.
      reject(new ClientGoneError());
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyBytesMax) {
        request.removeAllListeners("data");
        reject(tooLarge());
      } else {
        chunks.push(chunk);
      }
    });
    request.on("end", () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    // The only error of a request is that its connection broke.
    request.on("error", () => reject(new ClientGoneError()));
    // Every request closes in the end; only one that closes early has a client that is gone.
    request.on("close", () => {
      if (!request.complete) reject(new ClientGoneError());
    });
  });
}

/** The client went away before its request was complete. Nobody is left to answer. */
export class ClientGoneError extends Error {}

function tooLarge(): RequestProblem {
  // The rest of the body is not read, so the connection cannot serve another request.
  return new RequestProblem("body_too_large", { headers: ["Connection", "close"] });
}
