import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/**
 * What a proxy does with what passes:
 * - pass: forwards everything.
 * - cut: ends every connection and every attempt at a new one.
 * - stall: holds everything back until it passes again, as a server or a network that has stopped for a while.
 * - forget: leaves connections open on which nothing is forwarded ever again, as a network that lost track of them.
 * - lose_commit: the next COMMIT never reaches the server, and its connection is cut.
 * - lose_commit_answer: the next COMMIT reaches the server, and its connection is cut when the server answers.
 */
export type ProxyMode = "pass" | "cut" | "stall" | "forget" | "lose_commit" | "lose_commit_answer";

/** How a COMMIT looks on the wire: the text of a simple query. */
const commitMessage = Buffer.from("commit\0");
/** How the server says that it is done. */
const committedMessage = Buffer.from("COMMIT\0");

/** Stands between a service and PostgreSQL and disturbs what passes. */
export class DatabaseProxy {
  /** The same database by way of the proxy. */
  readonly connectionString: string;
  readonly #target: URL;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #mode: ProxyMode = "pass";
  #modeAfterLoss: ProxyMode = "pass";
  #commitsLost = 0;

  private constructor(target: URL, server: Server) {
    this.#target = target;
    this.#server = server;
    this.connectionString = addressBehind(server, target);
    server.on("connection", (client: Socket) => this.#accept(client));
  }

  static async start(connectionString: string): Promise<DatabaseProxy> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new DatabaseProxy(new URL(connectionString), server);
  }

  get commitsLost(): number {
    return this.#commitsLost;
  }

  /** @param options.afterLoss what it does once it has lost a commit */
  set(mode: ProxyMode, options: { readonly afterLoss?: ProxyMode } = {}): void {
    this.#mode = mode;
    this.#modeAfterLoss = options.afterLoss ?? "pass";
    for (const link of this.#links) link.obey(mode);
  }

  async close(): Promise<void> {
    this.set("cut");
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  #accept(client: Socket): void {
    const database = connect(Number(this.#target.port || "5432"), this.#target.hostname);
    const link: Link = new Link(client, database, {
      isCommitLost: (side) => this.#mode === (side === "request" ? "lose_commit" : "lose_commit_answer"),
      onLoss: () => {
        this.#commitsLost += 1;
        this.set(this.#modeAfterLoss);
      },
      onEnd: () => this.#links.delete(link),
    });
    this.#links.add(link);
    link.obey(this.#mode);
  }
}

/** The address of a database by way of a server of this machine that passes everything on to it. */
export function addressBehind(server: Server, target: URL): string {
  const proxied = new URL(target);
  proxied.hostname = "127.0.0.1";
  proxied.port = String((server.address() as AddressInfo).port);
  return proxied.href;
}

/** One connection of a client, and the proxy's own to the database for it. */
class Link {
  readonly #sockets: readonly [Socket, Socket];
  #isForgotten = false;

  constructor(
    client: Socket,
    database: Socket,
    watch: { isCommitLost: (side: "request" | "answer") => boolean; onLoss: () => void; onEnd: () => void },
  ) {
    this.#sockets = [client, database];
    let isCommitUnderWay = false;
    const lose = () => {
      this.#cut();
      watch.onLoss();
    };
    client.on("data", (chunk: Buffer) => {
      if (this.#isForgotten) return;
      const isCommit = chunk.includes(commitMessage);
      if (isCommit && watch.isCommitLost("request")) return lose();
      isCommitUnderWay ||= isCommit && watch.isCommitLost("answer");
      database.write(chunk);
    });
    database.on("data", (chunk: Buffer) => {
      if (this.#isForgotten) return;
      // The answers of the statements before it may come alone; they are kept back with it.
      if (isCommitUnderWay) {
        if (chunk.includes(committedMessage)) lose();
      } else client.write(chunk);
    });
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        if (!this.#isForgotten) this.#cut();
        watch.onEnd();
      });
    }
  }

  obey(mode: ProxyMode): void {
    if (mode === "cut") this.#cut();
    if (mode === "forget") this.#isForgotten = true;
    for (const socket of this.#sockets) {
      if (mode === "stall") socket.pause();
      else socket.resume();
    }
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
