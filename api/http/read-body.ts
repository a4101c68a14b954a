import type { IncomingMessage } from "node:http";
import { RequestProblem } from "./problem-reply.ts";

/**
 * Reads a request's body as it was sent.
 *
 * @throws RequestProblem when it has more than `bytesMax` bytes
 * @throws ClientGoneError when the client leaves before its body is complete
 */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const declaredBytes = request.headers["content-length"];
  if (declaredBytes !== undefined && Number(declaredBytes) > bytesMax) return Promise.reject(tooLarge());
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
      if (size > bytesMax) {
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
