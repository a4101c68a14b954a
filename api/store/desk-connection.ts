import { Socket } from "node:net";
import pg from "pg";
import { columnTypes } from "./column-types.ts";
import type { TransactionStatus } from "./read-back-commit.ts";
import type { Statement } from "./statement.ts";
import { connectionTimeouts } from "./timeouts.ts";

/** The connection broke before the commit was answered: whether it took place must be read back, never guessed. */
export class UnknownCommitError extends Error {
  readonly transactionId: string;

  constructor(transactionId: string, cause: unknown) {
    super("The connection to the database broke before a commit was answered.", { cause });
    this.transactionId = transactionId;
  }
}

/** The commit is on this server's disk, but a standby that should have confirmed it was not waited for. */
export class NotReplicatedError extends Error {}

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

  /**
   * Sends the last statements of a transaction and its COMMIT as one packet. If one of the statements fails, the
   * server answers the COMMIT with a rollback, so nothing is written.
   *
   * @param transactionId the id of the open transaction, for reading back an unknown commit
   * @throws the error of the first statement that failed; UnknownCommitError; NotReplicatedError
   */
  async commit(statements: readonly Statement[], transactionId: string): Promise<void> {
    this.#warnedInCommit = false;
    this.#socket.cork();
    const written = statements.map((statement) => this.run(statement));
    const committed = this.#client.query("commit");
    this.#socket.uncork();
    const [writes, ending] = await Promise.all([Promise.allSettled(written), settle(committed)]);
    if (ending.status === "rejected") throw new UnknownCommitError(transactionId, ending.reason);
    const failed = writes.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    if (ending.value.command !== "COMMIT")
      throw new Error("The database rolled back what was to be committed.");
    if (this.#warnedInCommit) throw new NotReplicatedError("A standby did not confirm a commit.");
  }

  async close(): Promise<void> {
    await this.#client.end();
  }

  #markLost(error: Error): void {
    this.#lost ??= error;
  }
}

async function settle<Value>(promise: Promise<Value>): Promise<PromiseSettledResult<Value>> {
  const [result] = await Promise.allSettled([promise]);
  return result;
}

/**
 * The time of the database after all locks, in whole milliseconds, the id of this transaction, and of what some webhook
 * endpoint wants to hear: null when there is none.
 */
export const selectClock: Statement<{
  now: number;
  transaction_id: string;
  listened_types: string[] | null;
}> = {
  name: "select-clock",
  text: `select date_trunc('milliseconds', clock_timestamp()) as now, pg_current_xact_id()::text as transaction_id,
    (select array_agg(type) from webhook_endpoints, unnest(event_types) as type
      where disabled_at is null and deleted_at is null) as listened_types`,
  values: [],
};

/**
 * What became of a transaction, as the server's own commit log has it; null when it has been forgotten.
 *
 * After a crash the server gives ids anew to which nothing on disk bears witness: "committed" may then speak of somebody
 * else's transaction. Recovery ends with a checkpoint that begins where it is written, as no checkpoint of a running
 * server does; one of these since the transaction, or a later start of the server, makes "committed" doubtful. The
 * server keeps a checkpoint's time in whole seconds, so one in the very second of the transaction counts too.
 *
 * @param begunAtMs when the transaction was under way, by the database's clock
 */
export function selectTransactionStatus(
  transactionId: string,
  begunAtMs: number,
): Statement<{ status: TransactionStatus }> {
  return {
    name: "select-transaction-status",
    text: `select case
        when status = 'committed' and (pg_postmaster_start_time() >= $2::timestamptz
          or checkpoint_time >= date_trunc('second', $2::timestamptz) and redo_lsn = checkpoint_lsn)
        then 'doubtful' else status end as status
      from pg_xact_status($1::xid8) as status, pg_control_checkpoint()`,
    values: [transactionId, new Date(begunAtMs)],
  };
}
