import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ProblemCode } from "../contract/problems.ts";
import { problemReply } from "./problem-reply.ts";
import { sendReply } from "./reply.ts";
import { makeRequestId } from "./request-id.ts";

/** How long a client may take. */
export interface ArrivalLimits {
  /** For a whole request to arrive, headers and body together. */
  readonly requestMs: number;
  /** How often that is looked at, which is how late it may be noticed. */
  readonly checkEveryMs: number;
}

const defaultArrivalLimits: ArrivalLimits = { requestMs: 10_000, checkEveryMs: 500 };

export class PortTakenError extends Error {}

/**
 * Serves an application with limits on everything a client can send.
 *
 * @throws PortTakenError with a sentence that names the port and the setting that moves it
 */
export async function listen(
  app: RequestListener,
  address: { readonly host: string; readonly port: number; readonly setting: string },
  limits: ArrivalLimits = defaultArrivalLimits,
): Promise<Server> {
  const server: Server = createServer(
    {
      maxHeaderSize: 8 * 1024,
      headersTimeout: limits.requestMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      keepAliveTimeout: 65_000,
      // Checked below, where the refusal can be a problem document.
      requireHostHeader: false,
      noDelay: true,
    },
    (request, response) => {
      // Once the server is closing, each connection ends with the answer that is under way.
      if (!server.listening) response.shouldKeepAlive = false;
      if (request.headers.host === undefined && request.httpVersion !== "1.0") refuseWithoutHost(response);
      else app(request, response);
    },
  );
  server.on("clientError", answerUnparsable);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explain(error, address)));
    server.listen(address.port, address.host, 4096, resolve);
  });
  return server;
}

function explain(
  error: Error,
  { host, port, setting }: { host: string; port: number; setting: string },
): Error {
  const code = "code" in error ? error.code : null;
  if (code === "EADDRINUSE") {
    return new PortTakenError(`Port ${port} on ${host} is taken; set ${setting} to another one.`);
  }
  if (code === "EACCES")
    return new PortTakenError(
      `Port ${port} needs rights that this user lacks; set ${setting} to another one.`,
    );
  if (code === "EADDRNOTAVAIL")
    return new PortTakenError(`${host} is no address of this machine; set HOST to one that is.`);
  return error;
}

function refuseWithoutHost(response: ServerResponse): void {
  const requestId = makeRequestId();
  const details = { detail: "The Host header is missing.", headers: ["Connection", "close"] };
  sendReply(response, problemReply("malformed_request", requestId, details), requestId);
}

/** What cannot even be parsed reaches no route, so its answer is written to the socket by hand. */
function answerUnparsable(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const requestId = makeRequestId();
  const reply = problemReply(codeOf(error), requestId);
  const head = [
    `HTTP/1.1 ${reply.status} Refused`,
    `Content-Type: ${reply.contentType}`,
    `Content-Length: ${Buffer.byteLength(reply.body)}`,
    `X-Request-Id: ${requestId}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${reply.body}`);
}

function codeOf(error: { code?: string }): ProblemCode {
  if (error.code === "HPE_HEADER_OVERFLOW") return "headers_too_large";
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT") return "request_timeout";
  return "malformed_request";
}
