import type { AddressInfo, Socket } from "node:net";
import { SMTPServer } from "smtp-server";

/** What the server does with a message, once it has all of it. */
export type MailManner =
  | "take"
  | "refuse_for_now"
  | "refuse"
  | "refuse_recipient"
  | "refuse_recipient_for_now"
  | "refuse_sender"
  | "mailbox_full"
  | "reset_after_data"
  | "silent";

export interface MailServer {
  /** With user and password. */
  readonly url: string;
  /** The messages that were handed over, as they were sent, in order; refused ones are not among them. */
  readonly taken: readonly { readonly to: readonly string[]; readonly source: string }[];
  /** The most connections that were open at once. */
  readonly connectionsMax: number;
  behave(manner: MailManner): void;
  close(): Promise<void>;
}

/** Starts a mail server on a free port that behaves well until it is told otherwise. */
export async function startMailServer(): Promise<MailServer> {
  const sockets = new Set<Socket>();
  const taken: { to: string[]; source: string }[] = [];
  let manner: MailManner = "take";
  let open = 0;
  let connectionsMax = 0;
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, done) =>
      username === "shop" && password === "secret" ? done(null, { user: username }) : done(new Error("No.")),
    onConnect: (_session, done) => {
      open += 1;
      connectionsMax = Math.max(connectionsMax, open);
      done();
    },
    onClose: () => {
      open -= 1;
    },
    onMailFrom: (_address, _session, done) => done(refusalOf("MAIL FROM", manner)),
    onRcptTo: (_address, _session, done) => done(refusalOf("RCPT TO", manner)),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        const message = { to, source: Buffer.concat(chunks).toString() };
        switch (manner) {
          case "take":
            taken.push(message);
            return done();
          case "reset_after_data":
            taken.push(message);
            for (const socket of sockets) socket.destroy();
            return;
          case "refuse_for_now":
            return done(refusal(451, "Try again later"));
          case "refuse":
            return done(refusal(554, "Not wanted"));
          case "refuse_recipient":
          case "refuse_recipient_for_now":
          case "refuse_sender":
          case "mailbox_full":
          case "silent":
            return;
        }
      });
    },
  });
  server.on("error", () => {});
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://shop:secret@127.0.0.1:${port}`,
    taken,
    get connectionsMax() {
      return connectionsMax;
    },
    behave: (next) => {
      manner = next;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** What it has against an envelope; null when nothing. */
function refusalOf(command: "MAIL FROM" | "RCPT TO", manner: MailManner): Error | null {
  if (command === "MAIL FROM")
    return manner === "refuse_sender" ? refusal(550, "You may not send as this") : null;
  if (manner === "refuse_recipient") return refusal(550, "No such user");
  if (manner === "refuse_recipient_for_now") return refusal(450, "Come back later");
  return manner === "mailbox_full" ? refusal(552, "The mailbox is full") : null;
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
