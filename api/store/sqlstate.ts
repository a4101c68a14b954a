/** What a failed statement means for whoever sent it. */
export type FailureKind =
  /** The same transaction may succeed when it is tried again at once. */
  | "retry"
  /** Another transaction kept a row locked for longer than the limit. */
  | "lock_timeout"
  /** One of the values in the batch is at fault; the others are not. */
  | "bad_value"
  /** The database is away, stopping, starting, full, or does not answer. */
  | "unavailable"
  /** A mistake of ours. */
  | "defect";

/** SQLSTATE codes by what they mean to us. A code that is not here goes by its class, below. */
const byCode: Readonly<Record<string, FailureKind>> = {
  "40001": "retry", // serialization_failure
  "40P01": "retry", // deadlock_detected
  "55P03": "lock_timeout", // lock_not_available
  "57014": "unavailable", // query_canceled, by statement_timeout
  "25P03": "unavailable", // idle_in_transaction_session_timeout
  "25006": "unavailable", // read_only_sql_transaction: a failover left us on a standby
};

const byClass: Readonly<Record<string, FailureKind>> = {
  "08": "unavailable", // connection exception
  "22": "bad_value", // data exception
  "23": "bad_value", // integrity constraint violation
  "28": "unavailable", // invalid authorization
  "3D": "unavailable", // invalid catalog name: the database is gone
  "53": "unavailable", // insufficient resources: disk, memory, connections
  "57": "unavailable", // operator intervention: stopping, crashed, starting
  "58": "unavailable", // system error
};

/** Reads the SQLSTATE of an error, if the database sent it one. */
export function sqlstateOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  const { code } = error;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E") ? code : null;
}

/** The constraint that an error names, if any. */
export function constraintOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("constraint" in error)) return null;
  return typeof error.constraint === "string" ? error.constraint : null;
}

/** Classifies whatever a query threw. An error without SQLSTATE comes from the socket or the driver. */
export function failureKindOf(error: unknown): FailureKind {
  const sqlstate = sqlstateOf(error);
  if (sqlstate !== null) return byCode[sqlstate] ?? byClass[sqlstate.slice(0, 2)] ?? "defect";
  return isConnectionError(error) ? "unavailable" : "defect";
}

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return true; // several addresses were tried
  if ("code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code)) return true;
  return connectionMessages.some((message) => error.message.includes(message));
}

/** The driver, and Kysely of a connection that broke within a transaction, say these without any code. */
const connectionMessages = [
  "Connection terminated",
  "connection timeout",
  "Query read timeout",
  "timeout exceeded when trying to connect",
  "timeout expired",
  "Client has encountered a connection error",
  "Client was closed",
  "has been closed and is not queryable",
  "connection has been discarded",
];
