import type { Server } from "node:http";
import type { Socket } from "node:net";
import { problemReply } from "../problem-reply.ts";
import { makeRequestId } from "../request-id.ts";
import type { Door } from "./door.ts";

/** How long a connection that was refused may take to end. */
const leaveMaxMs = 1_000;
/** Connections that are being refused; beyond them nobody gets even that. */
const leavingMax = 1_000;

/**
 * Bounds the open connections of a server: one too many is answered before it has asked, and closed. Must come before
 * anything else listens for connections.
 */
export function limitConnections(
  server: Server,
  door: Pick<Door, "connectionsMax" | "countConnection">,
): void {
  const { connectionsMax } = door;
  // In a cluster, a connection that is not dropped would go round among workers that are all full. Its types lack this.
  Object.assign(server, { maxConnections: connectionsMax + leavingMax, dropMaxConnection: true });
  server.on("drop", () => door.countConnection());
  const listeners = server.listeners("connection");
  server.removeAllListeners("connection");
  let open = 0;
  server.on("connection", (socket: Socket) => {
    open += 1;
    socket.once("close", () => (open -= 1));
    if (open > connectionsMax) {
      door.countConnection();
      turnAway(socket);
      return;
    }
    for (const listener of listeners) Reflect.apply(listener, server, [socket]);
  });
}

function turnAway(socket: Socket): void {
  const requestId = makeRequestId();
  const reply = problemReply("overloaded", requestId);
  const head = [
    `HTTP/1.1 ${reply.status} Service Unavailable`,
    `Content-Type: ${reply.contentType}`,
    `Content-Length: ${Buffer.byteLength(reply.body)}`,
    `X-Request-Id: ${requestId}`,
    "Retry-After: 1",
    "Cache-Control: no-store",
    "Connection: close",
  ];
  socket.on("error", () => {});
  socket.end(`${head.join("\r\n")}\r\n\r\n${reply.body}`);
  // What the client has sent is read and dropped: unread, it would make the answer be thrown away on its way.
  socket.resume();
  const limit = setTimeout(() => socket.destroy(), leaveMaxMs);
  socket.once("close", () => clearTimeout(limit));
}
