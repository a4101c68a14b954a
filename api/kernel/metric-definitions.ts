/** A figure that processes count and the supervisor adds up. Only rises: it is never a gauge. */
export interface MetricDefinition {
  readonly type: "counter" | "histogram";
  /** One sentence for people. */
  readonly help: string;
  readonly labels: readonly string[];
  /** The upper bounds of a histogram's buckets, rising, in the metric's unit; what is above the last is counted too. */
  readonly buckets?: readonly number[];
  /** The values of the only label, where they are known beforehand: their series start at 0, so that rates exist. */
  readonly knownValues?: readonly string[];
}

/** The outcomes of commands on stock: those that the domain decides, then those that only a desk can give. */
export const outcomeNames = [
  "held",
  "confirmed",
  "extended",
  "cancelled",
  "expired",
  "not_due",
  "event_changed",
  "event_not_found",
  "sales_ended",
  "sales_paused",
  "sales_not_started",
  "quantity_over_limit",
  "phone_not_verified",
  "duplicate_reservation",
  "sold_out",
  "all_held",
  "not_enough_left",
  "hoarding",
  "reservation_not_found",
  "reservation_in_cart",
  "hold_ended",
  "already_confirmed",
  "payment_required",
  "cancel_not_allowed",
  "extension_limit",
  "capacity_too_low",
  "sales_window_empty",
  "cart_saved",
  "order_begun",
  "order_settled",
  "cart_not_found",
  "cart_ordered",
  "checkout_in_progress",
  "cart_empty",
  "cart_expired",
  "cart_outdated",
  "provider_not_available",
  "cart_full",
  "currency_mismatch",
  "cart_extension_limit",
  "order_not_found",
  "order_not_paid",
  "restock_changed",
  "restock_order_not_found",
  "restock_order_closed",
  "restock_in_progress",
  "delivery_quantity_mismatch",
  "capacity_too_high",
  "replayed",
  "idempotency_mismatch",
  "idempotency_in_progress",
  "overloaded",
  "database_unavailable",
  "failed",
] as const;

export type OutcomeName = (typeof outcomeNames)[number];

/** Why a worker's door refuses: too many in work, too long a wait at the desk, or for the pool, or too many connections. */
export const refusalReasons = ["requests", "desk", "pool", "connections"] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/**
 * Everything that is counted in more than one process. Label values come from closed sets, never from clients: an id
 * as a label would make a series for each.
 */
export const metricDefinitions = {
  http_request_duration_seconds: {
    type: "histogram",
    help: "Time from a request's arrival at its route to its answer. A status code of 499 means that the client left before it.",
    labels: ["method", "route", "status_code"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  holdfast_reservations_total: {
    type: "counter",
    help: "Commands on stock by what came of them, refusals included.",
    labels: ["outcome"],
    knownValues: outcomeNames,
  },
  holdfast_gate_refusals_total: {
    type: "counter",
    help: "Holds that were refused from memory, without asking the database.",
    labels: [],
  },
  holdfast_door_refusals_total: {
    type: "counter",
    help: "Requests that were refused unread because a worker had too much to do, by what it had too much of.",
    labels: ["reason"],
    knownValues: refusalReasons,
  },
  holdfast_batch_size: {
    type: "histogram",
    help: "Commands that shared one of a desk's transactions.",
    labels: [],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  },
  db_client_connection_wait_time_seconds: {
    type: "histogram",
    help: "Time that a query waited for one of its worker's pooled connections, until it got one or gave up.",
    labels: [],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  holdfast_webhook_deliveries_total: {
    type: "counter",
    help: "Tries to deliver webhooks by what came of them: taken, to be tried again, or given up.",
    labels: ["outcome"],
    knownValues: ["delivered", "retried", "failed"],
  },
  holdfast_worker_restarts_total: {
    type: "counter",
    help: "Workers that were replaced after they had crashed or hung.",
    labels: [],
  },
  holdfast_ipc_malformed_total: {
    type: "counter",
    help: "Messages between supervisor and workers that were ignored because they were malformed.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metricDefinitions;

type NameOfType<Type extends MetricDefinition["type"]> = {
  [Name in MetricName]: (typeof metricDefinitions)[Name]["type"] extends Type ? Name : never;
}[MetricName];

export type CounterName = NameOfType<"counter">;
export type HistogramName = NameOfType<"histogram">;

/** The labels of a metric, each of which must be given. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<(typeof metricDefinitions)[Name]["labels"][number], string>
>;

/** The definition of a metric, null for a name that is not one of ours. */
export function definitionOf(name: string): MetricDefinition | null {
  return Object.hasOwn(metricDefinitions, name) ? metricDefinitions[name as MetricName] : null;
}

/** The label values that a metric has series for before anything is counted. */
export function knownSeriesOf({ labels, knownValues }: MetricDefinition): readonly (readonly string[])[] {
  if (labels.length === 0) return [[]];
  return (knownValues ?? []).map((value) => [value]);
}
