import type { Worker } from "node:cluster";

/** The mark of Node's own messages between a primary and its workers. */
const cmd = "NODE_CLUSTER";

/**
 * Node's primary accepts every connection and hands it to a worker. When that worker dies before it has taken
 * the connection, Node keeps it open and never looks at it again: the client waits for ever. That is certain to
 * happen to a worker that hangs, because one connection is always on its way to it.
 *
 * This watches which connections are on their way to a worker. Once the worker is gone, it gives Node the answer
 * that the worker cannot give any more, "not accepted", and Node hands the connection to another worker.
 * The messages are internal to Node. Should they change, nothing is recognised here and all is as without it.
 *
 * @param isServedByOthers when it is not, the connections are closed: nobody is there to take them
 * @returns what to call once the process and its channel have ended
 */
export function rescueConnections(worker: Worker, isServedByOthers: () => boolean): () => void {
  const child = worker.process;
  const onTheirWay = new Set<number>();
  let hasDisconnected = false;
  const send = child.send.bind(child) as (...sent: unknown[]) => boolean;
  child.send = (...sent: unknown[]) => {
    const [message, handle] = sent;
    const sequence = handle === undefined ? null : readNumber(message, "seq");
    if (sequence !== null) onTheirWay.add(sequence);
    return send(...sent);
  };
  child.on("internalMessage", (message: unknown) => {
    const answered = readNumber(message, "ack");
    if (answered !== null) onTheirWay.delete(answered);
  });
  child.once("disconnect", () => (hasDisconnected = true));
  return () => {
    // With a connection on its way, Node forgets to tell this, and with it to take the worker off the list of those
    // who get connections.
    if (!hasDisconnected) tell(child, "disconnect");
    // "Accepted" makes Node close its own end, and that is the only one left.
    const accepted = !isServedByOthers();
    for (const ack of onTheirWay) tell(child, "internalMessage", { cmd, ack, accepted });
    onTheirWay.clear();
  };
}

function tell(child: NodeJS.EventEmitter, event: string, message?: object): void {
  child.emit(event, message);
}

function readNumber(message: unknown, field: "seq" | "ack"): number | null {
  if (typeof message !== "object" || message === null) return null;
  const fields = message as Readonly<Record<string, unknown>>;
  const value = fields["cmd"] === cmd ? fields[field] : null;
  return typeof value === "number" ? value : null;
}
