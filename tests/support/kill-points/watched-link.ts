import type { Socket } from "node:net";
import { MessageCutter, readStrings, type WireMessage } from "./read-wire.ts";

/** What is asked about each statement of a connection. True ends the connection there and then. */
export interface StatementWatch<Statement> {
  /** A statement is about to be sent on. @returns what is known of it, or null when nobody cares */
  readonly onStatement: (text: string) => Statement | null;
  readonly mustEndBefore: (statement: Statement) => boolean;
  /** The server has done a statement, and its client has not heard. @param rows how many it has touched or found */
  readonly mustEndAfter: (statement: Statement, rows: number) => boolean;
  /** Nothing more is sent on in either direction: now whoever is to be killed is killed. */
  readonly end: () => void;
}

/** What the server has still to answer, in order. A simple query brings its own sync. */
interface Awaited<Statement> {
  readonly kind: "execute" | "query" | "sync";
  readonly statement: Statement | null;
}

/** The messages that belong to the statement whose Execute comes after them. */
const preparing: ReadonlySet<string> = new Set(["P", "B", "D"]);
const done: ReadonlySet<string> = new Set(["C", "I", "s"]);

/** One connection of a client to the database, of which each statement is seen in both directions. */
export class WatchedLink<Statement> {
  readonly #client: Socket;
  readonly #database: Socket;
  readonly #watch: StatementWatch<Statement>;
  readonly #texts = new Map<string, string>();
  readonly #awaited: Awaited<Statement>[] = [];
  /** Messages of a statement whose Execute has not come yet. */
  #prepared: Buffer[] = [];
  #boundText = "";
  #state: "passing" | "ends_with_sync" | "ended" = "passing";

  constructor(client: Socket, database: Socket, watch: StatementWatch<Statement>, onClose: () => void) {
    this.#client = client;
    this.#database = database;
    this.#watch = watch;
    const fromClient = new MessageCutter("client");
    const fromServer = new MessageCutter("server");
    client.on("data", (chunk: Buffer) => {
      for (const message of fromClient.push(chunk)) if (this.#state !== "ended") this.#request(message);
    });
    database.on("data", (chunk: Buffer) => {
      for (const message of fromServer.push(chunk)) if (this.#state !== "ended") this.#answer(message);
    });
    for (const socket of [client, database]) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.close();
        onClose();
      });
    }
  }

  /** Ends the connection as the end of its client does: what was sent on before still arrives. */
  close(): void {
    this.#database.end();
    this.#client.destroy();
  }

  #request({ type, body, bytes }: WireMessage): void {
    if (preparing.has(type)) {
      this.#note(type, body);
      this.#prepared.push(bytes);
      return;
    }
    if (type === "E") return this.#run("execute", this.#boundText, bytes);
    if (type === "Q") return this.#run("query", readStrings(body, 1)[0] ?? "", bytes);
    if (type === "S") this.#awaited.push({ kind: "sync", statement: null });
    this.#sendOn(bytes);
  }

  /** Remembers which text goes by which name. */
  #note(type: string, body: Buffer): void {
    const [first = "", second = ""] = type === "D" ? [] : readStrings(body, 2);
    if (type === "P") this.#texts.set(first, second);
    if (type === "B") this.#boundText = this.#texts.get(second) ?? "";
  }

  #run(kind: "execute" | "query", text: string, bytes: Buffer): void {
    const statement = this.#watch.onStatement(text);
    if (statement !== null && this.#watch.mustEndBefore(statement)) return this.#end();
    this.#awaited.push({ kind, statement });
    this.#sendOn(bytes);
  }

  #sendOn(bytes: Buffer): void {
    this.#database.write(Buffer.concat([...this.#prepared, bytes]));
    this.#prepared = [];
  }

  #answer({ type, body, bytes }: WireMessage): void {
    if (type === "Z" && this.#state === "ends_with_sync") return this.#end();
    if (type === "Z") this.#settleUntilSync();
    if (done.has(type)) {
      const next = this.#awaited[0];
      if (next?.kind === "execute") this.#awaited.shift();
      const statement = next?.statement ?? null;
      if (statement !== null && this.#watch.mustEndAfter(statement, readRows(type, body))) {
        // A statement that is a transaction of its own is committed by the sync that follows it.
        if (this.#awaited[0]?.kind !== "sync") return this.#end();
        this.#state = "ends_with_sync";
      }
    }
    if (this.#state === "passing") this.#client.write(bytes);
  }

  /** What comes before a sync has been answered by then, or was skipped after an error. */
  #settleUntilSync(): void {
    for (;;) {
      const settled = this.#awaited.shift();
      if (settled === undefined || settled.kind !== "execute") return;
    }
  }

  #end(): void {
    this.#state = "ended";
    this.#watch.end();
    this.close();
  }
}

/** The number at the end of what the server says when a statement is done, as in `UPDATE 3`. */
function readRows(type: string, body: Buffer): number {
  if (type !== "C") return 0;
  return Number(/ (\d+)$/.exec(readStrings(body, 1)[0] ?? "")?.[1] ?? "0");
}
