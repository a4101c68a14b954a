import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { RequestProblem } from "./problem-reply.ts";
import { readBody } from "./read-body.ts";

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
  const bytes = await readBody(request, bodyBytesMax);
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
