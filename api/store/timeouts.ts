/**
 * How long anything may wait, innermost first. Each outer limit is longer than the one inside it,
 * so that the layer that knows most about a failure is the one that reports it.
 */
export const timeouts = {
  /** Opening a connection. */
  connectMs: 800,
  /** Waiting for a row lock that somebody else has. */
  lockMs: 1500,
  /** One statement on the server. */
  statementMs: 2000,
  /** A transaction that its client has forgotten, or whose client is stopped. */
  idleInTransactionMs: 2000,
  /** One statement as the driver sees it. The only limit that interrupts a COMMIT. */
  driverMs: 3000,
} as const;

/** The connection settings that put those limits in force. */
export const connectionTimeouts = {
  connectionTimeoutMillis: timeouts.connectMs,
  lock_timeout: timeouts.lockMs,
  statement_timeout: timeouts.statementMs,
  idle_in_transaction_session_timeout: timeouts.idleInTransactionMs,
  query_timeout: timeouts.driverMs,
} as const;
