import type { AlertName } from "../contract/dashboard.ts";

/** What health is judged by. Null is what could not be measured. */
export interface Measured {
  /** Any clock that never goes back, in ms. */
  readonly nowMs: number;
  /** How long the supervisor has been running. */
  readonly uptimeMs: number;
  readonly role: "all" | "api" | "jobs";
  readonly workers: {
    readonly live: number;
    readonly wanted: number;
    readonly min: number;
    readonly max: number;
  };
  /** How the last worker ended, while workers end at every start. */
  readonly crashLoop: { readonly failures: number; readonly lastExit: string } | null;
  readonly database: {
    /** Null before it was first asked. */
    readonly isUp: boolean | null;
    readonly connections: number | null;
    readonly connectionsMax: number | null;
    readonly longestQuerySeconds: number | null;
  };
  readonly stock: {
    readonly events: number;
    readonly eventsOnSale: number;
    readonly eventsPaused: number;
  } | null;
  readonly oversold: number | null;
  /** Events and orders that do not agree with their reservations, as the last recount found. */
  readonly mismatches: number | null;
  readonly overdue: { readonly count: number; readonly oldestSeconds: number | null } | null;
  /** Payments and refunds that were asked about in vain and are not done. */
  readonly paymentsUndone: number;
  /** Pieces of background work that are not tried any more. */
  readonly workGivenUp: number;
  readonly eventLoopLagMs: number | null;
  /** The mean of the last minute. */
  readonly cpuPercent: number | null;
  /** Of the last seconds. */
  readonly recent: { readonly requests: number; readonly errors: number };
  readonly burn: { readonly fast: number; readonly slow: number };
  /** Names of machines that fell silent without a goodbye. */
  readonly lostNodes: readonly string[];
}

export type Severity = "warning" | "critical";

export interface Finding {
  readonly severity: Severity;
  /** Leads the verdict. It has no figure that changes every second, since it is read out when it changes. */
  readonly headline: string;
  /** One sentence with the figure. */
  readonly summary: string;
}

export interface Rule {
  readonly name: AlertName;
  /** How long the finding must last before the alert fires. */
  readonly delayMs: number;
  /**
   * @param severity what the alert fires with now, null when it does not: what clears it may be lower than what fires it
   * @returns "unknown" to leave things as they are, null when all is well
   */
  readonly find: (measured: Measured, severity: Severity | null) => Finding | null | "unknown";
}

/** Workers take a moment to start. */
export const startMaxMs = 15_000;
const minuteMs = 60_000;

/** In the order of importance. */
export const rules: readonly Rule[] = [
  {
    name: "TicketsOversold",
    delayMs: 0,
    find: ({ oversold, mismatches }) => {
      if (oversold === null) return "unknown";
      if (oversold > 0) {
        const text = `${count(oversold, "ticket is", "tickets are")} oversold`;
        return critical(text, `${text}: held or sold beyond the capacity of their events.`);
      }
      if (mismatches === null || mismatches === 0) return null;
      const text = `The books of ${count(mismatches, "event or order", "events or orders")} do not add up`;
      return critical(text, `${text}: they differ from the reservations, as the last recount found.`);
    },
  },
  {
    name: "PostgreSQLDown",
    delayMs: 0,
    find: ({ database }) =>
      database.isUp === false
        ? critical(
            "The database is away, so nothing can be held or sold",
            "The database does not answer. Nothing can be held or sold until it does.",
          )
        : null,
  },
  {
    name: "NoLiveWorkers",
    delayMs: 0,
    find: ({ workers, role, uptimeMs, crashLoop }) => {
      if (workers.live > 0 || (uptimeMs < startMaxMs && crashLoop === null)) return null;
      const effect = role === "jobs" ? "background work stands still" : "nothing can be held or sold here";
      return critical(
        `No worker is ready, so ${effect}`,
        `None of ${workers.wanted} wanted workers is ready.`,
      );
    },
  },
  {
    name: "WorkersCrashLooping",
    delayMs: 0,
    find: ({ crashLoop }) =>
      crashLoop === null
        ? null
        : critical(
            "Workers end at every start",
            `Workers ended at ${count(crashLoop.failures, "start", "starts")} in a row; the last: ${crashLoop.lastExit}`,
          ),
  },
  {
    name: "HoldSweeperStalled",
    delayMs: 2_000,
    find: ({ overdue }, severity) => {
      const oldest = overdue?.oldestSeconds ?? 0;
      if (oldest <= (severity === null ? 5 : 2)) return null;
      const holds = count(overdue?.count ?? 0, "hold is", "holds are");
      return critical(
        "Tickets of ended holds are not coming back",
        `${holds} past the deadline and not released, the oldest for ${Math.round(oldest)} s.`,
      );
    },
  },
  {
    name: "PaymentsStuck",
    delayMs: 10 * minuteMs,
    find: ({ paymentsUndone }) =>
      paymentsUndone === 0
        ? null
        : warning(
            "Payments do not come to their end",
            `${count(paymentsUndone, "payment or refund has", "payments or refunds have")} been tried in vain.`,
          ),
  },
  {
    name: "WorkGivenUp",
    delayMs: 10 * minuteMs,
    find: ({ workGivenUp }) =>
      workGivenUp === 0
        ? null
        : warning(
            "Background work was given up",
            `${count(workGivenUp, "piece of work is", "pieces of work are")} not tried any more: see Jobs.`,
          ),
  },
  { name: "ErrorBudgetBurn", delayMs: 0, find: findBurn },
  {
    name: "ScaledToMax",
    delayMs: 2 * minuteMs,
    find: ({ workers: { wanted, min, max } }) =>
      max > min && wanted >= max
        ? warning("All the workers that are allowed are in use", `The load calls for all ${max} workers.`)
        : null,
  },
  { name: "ConnectionsHigh", delayMs: 3_000, find: findConnections },
  {
    name: "LongQuery",
    delayMs: 0,
    find: ({ database: { longestQuerySeconds } }) =>
      longestQuerySeconds !== null && longestQuerySeconds > 60
        ? warning(
            "A database query has been running for more than a minute",
            `The longest query has been running for ${Math.round(longestQuerySeconds)} s.`,
          )
        : null,
  },
  {
    name: "CpuHigh",
    delayMs: 10 * minuteMs,
    find: ({ cpuPercent }, severity) =>
      cpuPercent !== null && cpuPercent > (severity === null ? 80 : 70)
        ? warning(
            "The processors have been busy for more than 10 minutes",
            `The processors are ${Math.round(cpuPercent)} % busy.`,
          )
        : null,
  },
  {
    name: "EventLoopLagHigh",
    delayMs: 5_000,
    find: ({ eventLoopLagMs }, severity) =>
      eventLoopLagMs !== null && eventLoopLagMs > (severity === null ? 100 : 50)
        ? warning(
            "A worker answers late",
            `The event loop of the slowest worker lags by ${Math.round(eventLoopLagMs)} ms (99th percentile).`,
          )
        : null,
  },
  {
    name: "NodeLost",
    delayMs: 5_000,
    find: ({ lostNodes }) =>
      lostNodes.length === 0
        ? null
        : warning(
            lostNodes.length === 1 ? "A machine fell silent" : `${lostNodes.length} machines fell silent`,
            `Nothing has been heard of ${lostNodes.join(", ")}.`,
          ),
  },
];

function findBurn({ burn }: Measured): Finding | null {
  const text = (rate: number, windows: string) =>
    `Over ${windows}, the error budget is spent ${rate.toFixed(1)} times faster than 99.9 % of good answers allow.`;
  const headline = "More requests fail than were promised";
  if (burn.fast >= 14.4) return critical(headline, text(burn.fast, "1 hour and 5 minutes"));
  if (burn.slow >= 6) return warning(headline, text(burn.slow, "6 hours and 30 minutes"));
  return null;
}

function findConnections({ database }: Measured, severity: Severity | null): Finding | null {
  const { connections, connectionsMax } = database;
  if (connections === null || connectionsMax === null || connectionsMax === 0) return null;
  const percent = (100 * connections) / connectionsMax;
  const summary = `${connections} of ${connectionsMax} database connections are in use (${Math.round(percent)} %).`;
  const headline = "The database is running out of connections";
  if (percent >= (severity === "critical" ? 80 : 90)) return critical(headline, summary);
  if (percent >= (severity === null ? 80 : 70)) return warning(headline, summary);
  return null;
}

function critical(headline: string, summary: string): Finding {
  return { severity: "critical", headline, summary };
}

function warning(headline: string, summary: string): Finding {
  return { severity: "warning", headline, summary };
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
