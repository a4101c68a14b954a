/** The stock of one event, for the few events whose stock is shown. */
interface StockGauge {
  /** Orders events of one name; never shown. */
  readonly eventId: string;
  readonly name: string;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
}

/** What the supervisor knows at a moment. Null is what could not be measured: it is left out, never shown as 0. */
export interface GaugeValues {
  readonly version: string;
  readonly workers: {
    readonly starting: number;
    readonly ready: number;
    readonly draining: number;
    readonly hung: number;
    readonly wanted: number;
    readonly min: number;
    readonly max: number;
  };
  /** Of all cores of this machine, 0 to 100. */
  readonly machineCpuPercent: number | null;
  /** Of all workers together. */
  readonly workersMemoryBytes: number | null;
  /** The 99th percentile of the worst worker. */
  readonly eventLoopLagMs: number | null;
  /** Commands that wait at the desks of all workers. */
  readonly queueDepth: number | null;
  /** Clients that follow stock live, at all workers. */
  readonly openStreams: number | null;
  /** The pools of all workers together. */
  readonly pool: { readonly connections: number; readonly max: number; readonly waiting: number } | null;
  readonly database: {
    /** Null before it was first asked. */
    readonly isUp: boolean | null;
    readonly latencyMs: number | null;
    readonly connections: number | null;
    readonly connectionsMax: number | null;
    readonly longestQuerySeconds: number | null;
  };
  readonly oversoldTickets: number | null;
  readonly holdsOverdue: number | null;
  /** For how long the oldest hold past its deadline has waited to be released; 0 when there is none. */
  readonly overdueHoldAgeSeconds: number | null;
  /** The most important first: only those at the top are shown. */
  readonly stock: readonly StockGauge[] | null;
  readonly jobs:
    | readonly {
        readonly queue: string;
        readonly counts: {
          readonly waiting: number;
          readonly running: number;
          readonly retrying: number;
          readonly failed: number;
        };
      }[]
    | null;
}

interface GaugeSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A figure that goes up and down, and how it is read off what the supervisor knows. */
export interface GaugeDefinition {
  readonly help: string;
  readonly read: (values: GaugeValues) => readonly GaugeSample[];
}

/** Events whose stock is shown. Each is a series for each state, so they cannot be all. */
export const stockEventsMax = 20;
const eventLabelCharactersMax = 80;

/** Every gauge, by name. */
export const gaugeDefinitions: Readonly<Record<string, GaugeDefinition>> = {
  holdfast_build_info: {
    help: "Always 1; its labels tell which version runs.",
    read: ({ version }) => [{ labels: { version, node_version: process.version }, value: 1 }],
  },
  holdfast_workers: {
    help: "Workers of this machine by state. Only those that are ready serve.",
    read: ({ workers: { starting, ready, draining, hung } }) => byState({ starting, ready, draining, hung }),
  },
  holdfast_workers_wanted: {
    help: "Workers that the load calls for.",
    read: ({ workers }) => one(workers.wanted),
  },
  holdfast_workers_min: {
    help: "The fewest workers that are kept.",
    read: ({ workers }) => one(workers.min),
  },
  holdfast_workers_max: {
    help: "The most workers that may be started.",
    read: ({ workers }) => one(workers.max),
  },
  holdfast_machine_cpu_ratio: {
    help: "Share of all cores of this machine that was busy in the last second, by whatever runs on it: 0 to 1.",
    read: ({ machineCpuPercent }) => one(machineCpuPercent === null ? null : machineCpuPercent / 100),
  },
  holdfast_workers_memory_bytes: {
    help: "Resident memory of all workers of this machine together.",
    read: ({ workersMemoryBytes }) => one(workersMemoryBytes),
  },
  holdfast_workers_event_loop_lag_seconds: {
    help: "The 99th percentile of event-loop lag in the worst worker.",
    read: ({ eventLoopLagMs }) => one(toSeconds(eventLoopLagMs)),
  },
  holdfast_queue_depth: {
    help: "Commands on stock that wait at the desks of this machine.",
    read: ({ queueDepth }) => one(queueDepth),
  },
  holdfast_open_streams: {
    help: "Clients that follow stock live at this machine.",
    read: ({ openStreams }) => one(openStreams),
  },
  db_client_connection_count: {
    help: "Connections that the workers' pools have open.",
    read: ({ pool }) => one(pool?.connections),
  },
  db_client_connection_max: {
    help: "Connections that the workers' pools may open.",
    read: ({ pool }) => one(pool?.max),
  },
  db_client_connection_pending_requests: {
    help: "Queries that wait for a connection of their worker's pool.",
    read: ({ pool }) => one(pool?.waiting),
  },
  holdfast_database_up: {
    help: "Whether the database answered when it was last asked: 1 or 0.",
    read: ({ database: { isUp } }) => one(isUp === null ? null : Number(isUp)),
  },
  holdfast_database_latency_seconds: {
    help: "Time of the last round trip to the database.",
    read: ({ database }) => one(toSeconds(database.latencyMs)),
  },
  holdfast_database_connections: {
    help: "Connections that the database server has, from whomever.",
    read: ({ database }) => one(database.connections),
  },
  holdfast_database_connections_max: {
    help: "Connections that the database server allows.",
    read: ({ database }) => one(database.connectionsMax),
  },
  holdfast_database_longest_query_seconds: {
    help: "Age of the longest query that runs in the database.",
    read: ({ database }) => one(database.longestQuerySeconds),
  },
  holdfast_oversold_tickets: {
    help: "Tickets held or sold beyond an event's capacity. Anything but 0 is a defect.",
    read: ({ oversoldTickets }) => one(oversoldTickets),
  },
  holdfast_holds_overdue: {
    help: "Holds past their deadline whose tickets are not free again yet.",
    read: ({ holdsOverdue }) => one(holdsOverdue),
  },
  holdfast_overdue_hold_age_seconds: {
    help: "How long the oldest hold past its deadline has waited to be released; 0 when none is overdue.",
    read: ({ overdueHoldAgeSeconds }) => one(overdueHoldAgeSeconds),
  },
  holdfast_stock: {
    help: `Tickets by state, of at most ${stockEventsMax} events.`,
    read: ({ stock }) => readStock(stock ?? []),
  },
  holdfast_jobs: {
    help: "Background work by queue and state.",
    read: ({ jobs }) =>
      (jobs ?? []).flatMap(({ queue, counts: { waiting, running, retrying, failed } }) =>
        byState({ waiting, running, retrying, failed }, { queue }),
      ),
  },
};

function one(value: number | null | undefined): GaugeSample[] {
  return value === null || value === undefined ? [] : [{ labels: {}, value }];
}

function byState(
  states: Readonly<Record<string, number>>,
  labels: Readonly<Record<string, string>> = {},
): GaugeSample[] {
  return Object.entries(states).map(([state, value]) => ({ labels: { ...labels, state }, value }));
}

function toSeconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}

/** The stock of the first events. They are named in the order of their ids, so that a name stays with its event. */
function readStock(stock: readonly StockGauge[]): GaugeSample[] {
  const shown = stock.slice(0, stockEventsMax).toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1));
  const taken = new Set<string>();
  return shown.flatMap(({ name, available, held, sold }) => {
    const event = findFreeLabel(name, taken);
    taken.add(event);
    return byState({ available, held, sold }, { event });
  });
}

/** The event's name, cut to a bearable length, and numbered when another event has it already. */
function findFreeLabel(name: string, taken: ReadonlySet<string>): string {
  const [...characters] = name.trim();
  const short = characters.slice(0, eventLabelCharactersMax).join("");
  for (let count = 1; ; count += 1) {
    const label = count === 1 ? short : `${short} (${count})`;
    if (!taken.has(label)) return label;
  }
}
