import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { addressBehind } from "../start-database-proxy.ts";
import { nameStatement, type Sorter } from "./sort-statements.ts";
import { type StatementWatch, WatchedLink } from "./watched-link.ts";

/**
 * A moment at which everything can be killed: before a statement reaches the database, or after the database has committed
 * it and before its client hears. Inside a transaction the second would only repeat the first: what was done by then is
 * rolled back with the connection. Points are told apart by the statement, and by how often it has come in one run, so
 * that it does not matter what other connections do meanwhile.
 */
export interface KillPoint {
  readonly side: "before" | "after";
  readonly statement: string;
  readonly occurrence: number;
}

interface SeenStatement {
  readonly kind: "step" | "look";
  readonly name: string;
  readonly occurrence: number;
  /** Whether it is on disk once it is answered. */
  readonly isCommitted: boolean;
}

interface Watching {
  readonly sort: Sorter;
  readonly counts: Map<string, number>;
  readonly seen: KillPoint[];
  readonly target: KillPoint | null;
  readonly onHit: () => void;
  hasHit: boolean;
}

/** One run that is being watched. */
export interface WatchedRun {
  /** The points that were passed, in order. */
  readonly seen: readonly KillPoint[];
  readonly hasHit: boolean;
}

/** How a point is called in reports. */
export function nameOf({ side, statement, occurrence }: KillPoint): string {
  return `${side} ${statement}${occurrence === 1 ? "" : ` (${occurrence}.)`}`;
}

/** Stands between a service and PostgreSQL, sees each statement, and stops everything at a chosen one. */
export class KillPointProxy {
  /** The same database by way of the proxy. */
  readonly connectionString: string;
  readonly #target: URL;
  readonly #server: Server;
  readonly #links = new Set<WatchedLink<SeenStatement>>();
  #watching: Watching | null = null;

  private constructor(target: URL, server: Server) {
    this.#target = target;
    this.#server = server;
    this.connectionString = addressBehind(server, target);
    server.on("connection", (client: Socket) => this.#accept(client));
  }

  static async start(connectionString: string): Promise<KillPointProxy> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new KillPointProxy(new URL(connectionString), server);
  }

  /**
   * Watches from now on, until the next call.
   *
   * @param target where to stop, once; null only watches
   * @param onHit kills: it is called while the bytes are held back, and afterwards the connection is gone
   */
  watch(sort: Sorter, target: KillPoint | null, onHit: () => void): WatchedRun {
    const watching: Watching = { sort, counts: new Map(), seen: [], target, onHit, hasHit: false };
    this.#watching = watching;
    return watching;
  }

  /** Sees nothing more. */
  rest(): void {
    this.#watching = null;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const link of this.#links) link.close();
    await closed;
  }

  #accept(client: Socket): void {
    const database = connect(Number(this.#target.port || "5432"), this.#target.hostname);
    const transaction = new TransactionNotes();
    const watch: StatementWatch<SeenStatement> = {
      onStatement: (text) => {
        const watching = this.#watching;
        const ended = transaction.note(text);
        if (watching === null) return null;
        if (ended !== null) return count(watching, `the commit of ${ended}`, true);
        const kind = watching.sort(text);
        if (kind === null) return null;
        const name = nameStatement(text);
        // What a look finds is not known yet, so it is counted afterwards.
        if (kind === "look") return { kind, name, occurrence: 0, isCommitted: true };
        // The same text may come inside a transaction and by itself, in an order that chance decides.
        return transaction.enter(name)
          ? count(watching, name, false)
          : count(watching, `${name}, alone`, true);
      },
      mustEndBefore: (statement) => statement.kind === "step" && pass(this.#watching, "before", statement),
      mustEndAfter: ({ kind, name, ...statement }, rows) => {
        if (this.#watching === null || !statement.isCommitted) return false;
        if (kind === "step") return pass(this.#watching, "after", { kind, name, ...statement });
        return rows > 0 && pass(this.#watching, "after", count(this.#watching, name, true));
      },
      end: () => this.#watching?.onHit(),
    };
    const link = new WatchedLink<SeenStatement>(client, database, watch, () => this.#links.delete(link));
    this.#links.add(link);
  }
}

/** Whether a connection has a transaction open, and which step was the first in it. */
class TransactionNotes {
  #isOpen = false;
  #firstStep: string | null = null;

  /** Takes note of a statement. @returns the first step of the transaction that it commits; null for any other */
  note(text: string): string | null {
    const word = /^\s*(begin|start transaction|commit|rollback)\s*$/i.exec(text)?.[1]?.toLowerCase();
    if (word === undefined) return null;
    const first = this.#firstStep;
    this.#isOpen = word === "begin" || word === "start transaction";
    this.#firstStep = null;
    return word === "commit" ? first : null;
  }

  /** Takes note of a step. @returns whether it is part of a transaction */
  enter(name: string): boolean {
    if (this.#isOpen) this.#firstStep ??= name;
    return this.#isOpen;
  }
}

function count({ counts }: Watching, name: string, isCommitted: boolean): SeenStatement {
  const occurrence = (counts.get(name) ?? 0) + 1;
  counts.set(name, occurrence);
  return { kind: "step", name, occurrence, isCommitted };
}

/** @returns whether this is where to stop */
function pass(watching: Watching | null, side: KillPoint["side"], { name, occurrence }: SeenStatement) {
  if (watching === null) return false;
  const point = { side, statement: name, occurrence };
  if (!watching.seen.some((seen) => isSame(seen, point))) watching.seen.push(point);
  if (watching.hasHit || watching.target === null || !isSame(watching.target, point)) return false;
  watching.hasHit = true;
  return true;
}

/** Whether two points are one. */
export function isSame(one: KillPoint, other: KillPoint): boolean {
  return one.side === other.side && one.statement === other.statement && one.occurrence === other.occurrence;
}
