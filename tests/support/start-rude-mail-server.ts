import { type AddressInfo, createServer, type Socket } from "node:net";

/**
 * How a mail server misbehaves that does not even keep to the protocol:
 * - slow_greeting: says nothing to whoever connects.
 * - full: greets with a final refusal.
 * - reset_in_message: ends the connection in the middle of the message.
 * - twice: answers each message two times.
 * - lies: says after the message that it wants the message.
 * - babbles: says something that is no answer.
 * - polite: takes everything.
 */
export type RudeManner =
  | "slow_greeting"
  | "full"
  | "reset_in_message"
  | "twice"
  | "lies"
  | "babbles"
  | "polite";

export interface RudeMailServer {
  readonly url: string;
  /** The messages of which it had the last line, in order. */
  readonly received: readonly string[];
  readonly connections: number;
  behave(manner: RudeManner): void;
  close(): Promise<void>;
}

const endOfMessage = "\r\n.\r\n";

/** Starts a mail server on a free port that answers without understanding, and badly when it is told to. */
export async function startRudeMailServer(): Promise<RudeMailServer> {
  const sockets = new Set<Socket>();
  const received: string[] = [];
  let manner: RudeManner = "polite";
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    converse(socket, () => manner, received);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    get connections() {
      return connections;
    },
    behave: (next) => {
      manner = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function converse(socket: Socket, manner: () => RudeManner, received: string[]): void {
  const say = (text: string) => void socket.write(`${text}\r\n`);
  let heard = "";
  let isInMessage = false;
  if (manner() === "full") say("554 No connections here");
  else if (manner() !== "slow_greeting") say("220 rude.example");
  socket.on("data", (chunk: Buffer) => {
    heard += chunk.toString("latin1");
    if (isInMessage && manner() === "reset_in_message") return void socket.resetAndDestroy();
    for (;;) {
      const end = heard.indexOf(isInMessage ? endOfMessage : "\r\n");
      if (end === -1) return;
      const said = heard.slice(0, end);
      heard = heard.slice(end + (isInMessage ? endOfMessage.length : 2));
      if (isInMessage) {
        received.push(said);
        say(afterMessage(manner()));
        isInMessage = false;
      } else {
        isInMessage = said.toUpperCase() === "DATA";
        say(isInMessage ? "354 Go on" : "250 Fine");
      }
    }
  });
}

function afterMessage(manner: RudeManner): string {
  switch (manner) {
    case "twice":
      return "250 Taken\r\n250 Taken";
    case "lies":
      return "354 Go on";
    case "babbles":
      return "Thank you for your custom!";
    default:
      return "250 Taken";
  }
}
