import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { Server as TlsServer } from "node:tls";

/** How often it is looked at which connections have fallen idle, while draining. */
const lookEveryMs = 25;
/** How many reports ago a connection may have brought its last request to count as active: about a second. */
const activeReports = 5;

interface Connection {
  /** The newest answer on this connection; earlier ones are sent before it. */
  response: ServerResponse | null;
  /** Whether that answer tells the client that it is the last. */
  isLast: boolean;
  /** The number of the report in whose time the last request came. */
  activeAt: number;
  idleSinceMs: number | null;
  bytesRead: number;
}

/** The connections of this worker's servers: counts what they bring, and ends them without cutting a request. */
export class ServedConnections {
  readonly #servers: NetServer[] = [];
  readonly #connections = new Map<Socket, Connection>();
  #requests = 0;
  #report = 0;
  #shedLeft = 0;
  #isEnding = false;

  get size(): number {
    return this.#connections.size;
  }

  /** Must come before the server listens: connections that are there already would be overlooked. */
  observe(server: Server): void {
    this.#servers.push(server);
    server.on(server instanceof TlsServer ? "secureConnection" : "connection", (socket: Socket) =>
      this.#welcome(socket),
    );
    server.prependListener("request", (request, response) => this.#countRequest(request, response));
    if (this.#isEnding) this.#stopListening();
  }

  /** What came since the last call. */
  take(): { requests: number; connections: number; activeConnections: number } {
    const requests = this.#requests;
    this.#requests = 0;
    this.#report += 1;
    let activeConnections = 0;
    for (const { activeAt } of this.#connections.values()) {
      if (activeAt > this.#report - activeReports) activeConnections += 1;
    }
    return { requests, connections: this.size, activeConnections };
  }

  /** The next answers on so many connections tell their clients to connect anew. Replaces what was asked before. */
  shed(connections: number): void {
    this.#shedLeft = connections;
  }

  /**
   * Takes no new connection and ends those that are open: each with its next answer, or when it has been idle for
   * so long that no request can be on its way. Resolves when none is left.
   */
  drain(idleGraceMs: number): Promise<void> {
    this.#beginEnding();
    return this.#repeatUntilDone(() => {
      this.#endIdle(idleGraceMs);
      return this.size === 0;
    });
  }

  /** Takes no new connection and resolves when no request is being served. */
  finishRequests(): Promise<void> {
    this.#beginEnding();
    return this.#repeatUntilDone(() => ![...this.#connections.values()].some(isServing));
  }

  #welcome(socket: Socket): void {
    this.#connections.set(socket, {
      response: null,
      isLast: false,
      activeAt: Number.NEGATIVE_INFINITY,
      idleSinceMs: null,
      bytesRead: 0,
    });
    socket.once("close", () => this.#connections.delete(socket));
  }

  #countRequest(request: IncomingMessage, response: ServerResponse): void {
    this.#requests += 1;
    const connection = this.#connections.get(request.socket);
    if (connection === undefined) return;
    connection.activeAt = this.#report;
    if (connection.isLast) {
      // The client has sent another request before it had the answer: that one shall be answered too.
      if (connection.response?.headersSent === false) connection.response.shouldKeepAlive = true;
      response.shouldKeepAlive = false;
    } else if (this.#isEnding || this.#shedLeft > 0) {
      if (this.#shedLeft > 0) this.#shedLeft -= 1;
      connection.isLast = true;
      response.shouldKeepAlive = false;
    }
    connection.response = response;
  }

  #beginEnding(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#stopListening();
    for (const connection of this.#connections.values()) {
      if (!isServing(connection) || connection.response?.headersSent !== false) continue;
      connection.response.shouldKeepAlive = false;
      connection.isLast = true;
    }
  }

  /** As a plain server: an HTTP server would cut idle connections at once, with requests just on their way. */
  #stopListening(): void {
    for (const server of this.#servers) {
      if (server.listening) NetServer.prototype.close.call(server);
      else server.once("listening", () => NetServer.prototype.close.call(server));
    }
  }

  #endIdle(idleGraceMs: number): void {
    const nowMs = performance.now();
    for (const [socket, connection] of this.#connections) {
      if (isServing(connection) || socket.bytesRead !== connection.bytesRead) connection.idleSinceMs = null;
      else connection.idleSinceMs ??= nowMs;
      connection.bytesRead = socket.bytesRead;
      const { idleSinceMs } = connection;
      if (idleSinceMs !== null && nowMs - idleSinceMs >= idleGraceMs) endUnlessBusy(socket, connection);
    }
  }

  async #repeatUntilDone(look: () => boolean): Promise<void> {
    if (look()) return;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (!look()) return;
        clearInterval(timer);
        resolve();
      }, lookEveryMs);
    });
  }
}

function isServing({ response }: Connection): boolean {
  return response !== null && !response.writableFinished && !response.destroyed;
}

/** Whatever has arrived by now is read first, so that a request that is already here is not cut. */
function endUnlessBusy(socket: Socket, connection: Connection): void {
  setImmediate(() => {
    if (isServing(connection) || socket.bytesRead !== connection.bytesRead) return;
    socket.destroySoon();
  });
}
