import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
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

/** Where to listen, and the setting that moves it. Port 0 is any free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly setting: string;
}

/**
 * Serves an application with limits on everything a client can send.
 *
 * @throws PortTakenError with a sentence that names the port and the setting that moves it
 */
export async function listen(
  app: RequestListener,
  address: Address,
  options: {
    readonly limits?: ArrivalLimits;
    /** Is given the server before it listens. */
    readonly prepare?: (server: Server) => void;
  } = {},
): Promise<Server> {
  const limits = options.limits ?? defaultArrivalLimits;
  const serve: RequestListener = (request, response) => {
    // Once the server is closing, each connection ends with the answer that is under way.
    if (!server.listening) response.shouldKeepAlive = false;
    if (request.headers.host === undefined && request.httpVersion !== "1.0") refuseWithoutHost(response);
    else app(request, response);
  };
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
    serve,
  );
  // An expectation that nobody knows may be overlooked. Node's own refusal would have neither a body nor an id.
  server.on("checkExpectation", serve);
  server.on("clientError", answerUnparsable);
  options.prepare?.(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explain(error, address)));
    server.listen(address.port, address.host, 4096, resolve);
  });
  return server;
}

/**
 * Finds out whether an address can be listened on, before anybody is asked to.
 *
 * @returns the port, which is a free one where 0 was asked for
 * @throws PortTakenError as `listen` does
 */
export async function requireFreePort(address: Address): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explain(error, address)));
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The address of a host and port as clients write it. */
export function originOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Where a listening server can be reached. */
export function urlOf(server: Server, host: string): string {
  return originOf(host, (server.address() as AddressInfo).port);
}

function explain(error: Error, { host, port, setting }: Address): Error {
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
