import { Socket } from "node:net";
import pg from "pg";
import { columnTypes } from "./column-types.ts";
import type { TransactionStatus } from "./read-back-commit.ts";
import type { Statement } from "./statement.ts";
import { connectionTimeouts } from "./timeouts.ts";

/** What became of a COMMIT. */
export type CommitResult =
  | "committed"
  /** The server answered that it rolled back: nothing was written. */
  | "rolled_back"
  /** Written here, but a standby that should have confirmed it was not waited for. */
  | "not_replicated";

/**
 * The planner must never read a whole table or a whole event for a batch of keys, whatever it believes about
 * tables without statistics. With these settings each statement has one plan, made once, that goes by index.
 */
const sessionSettings = `set plan_cache_mode = force_generic_plan; set enable_seqscan = off;
  set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off`;

/** A warning that the server adds to a COMMIT which gave up waiting for a synchronous standby. */
const warningSqlstate = "01000";

/**
 * One connection that carries one transaction at a time. Statements are pipelined: several may be sent before
 * the first is answered, and the server still runs them in order, each with a snapshot of its own.
 */
export class DeskConnection {
  readonly #client: pg.Client;
  readonly #socket: Socket;
  #lost: Error | null = null;
  #warnedInCommit = false;

  private constructor(client: pg.Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
  }

  /** @throws when no connection can be made within the limit */
  static async open(connectionString: string, applicationName: string): Promise<DeskConnection> {
    const socket = new Socket();
    const client = new pg.Client({
      stream: () => socket,
      connectionString,
      application_name: applicationName,
      types: columnTypes,
      pipeline: true,
      keepAlive: true,
      ...connectionTimeouts,
    });
    const connection = new DeskConnection(client, socket);
    client.on("error", (error) => connection.#markLost(error));
    client.on("end", () => connection.#markLost(new Error("Connection terminated by the server")));
    client.on("notice", (notice) => {
      if (notice.code === warningSqlstate) connection.#warnedInCommit = true;
    });
    try {
      await client.connect();
      await client.query(sessionSettings);
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    return connection;
  }

  /** Why the connection can no longer be used; null while it can. */
  get lost(): Error | null {
    return this.#lost;
  }

  /** Sends one statement. @returns its rows */
  async run<Row extends pg.QueryResultRow>(statement: Statement<Row>): Promise<Row[]> {
    const { name, text, values } = statement;
    return (await this.#client.query<Row>({ name, text, values })).rows;
  }

  /**
   * Lets `send` queue several statements and sends them as one packet, then waits for all of them.
   *
   * @returns the answers in order
   * @throws the first error, but only after every statement has been answered, so that none is left in flight
   */
  async together<Answers extends readonly unknown[]>(
    send: () => readonly [...{ [Index in keyof Answers]: Answers[Index] | Promise<Answers[Index]> }],
  ): Promise<Answers> {
    this.#socket.cork();
    const sent = send();
    this.#socket.uncork();
    for (const result of await Promise.allSettled(sent)) {
      if (result.status === "rejected") throw result.reason;
    }
    return Promise.all(sent) as Promise<unknown> as Promise<Answers>;
  }

  /** Sends a command without parameters, such as BEGIN or SAVEPOINT. */
  async command(text: string): Promise<void> {
    await this.#client.query(text);
  }

  /** @throws when the connection broke meanwhile: the outcome is then unknown */
  async commit(): Promise<CommitResult> {
    this.#warnedInCommit = false;
    const result = await this.#client.query("commit");
    if (result.command !== "COMMIT") return "rolled_back";
    return this.#warnedInCommit ? "not_replicated" : "committed";
  }

  async close(): Promise<void> {
    await this.#client.end();
  }

  #markLost(error: Error): void {
    this.#lost ??= error;
  }
}

/** The time of the database after all locks, in whole milliseconds, and the id of this transaction. */
export const selectClock: Statement<{ now: number; transaction_id: string }> = {
  name: "select-clock",
  text: `select date_trunc('milliseconds', clock_timestamp()) as now, pg_current_xact_id()::text as transaction_id`,
  values: [],
};

/** What became of a transaction, as the server's own commit log has it; null when it has been forgotten. */
export function selectTransactionStatus(transactionId: string): Statement<{ status: TransactionStatus }> {
  return {
    name: "select-transaction-status",
    text: "select pg_xact_status($1::xid8) as status",
    values: [transactionId],
  };
}
