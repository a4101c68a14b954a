/** Every message of this package carries this mark, so that it is told apart from whatever else is sent. */
const mark = 1;

/** What a worker measured since its last report. Counts are differences, so a report that is lost or skipped loses nothing. */
export interface WorkerReport {
  readonly elapsedMs: number;
  readonly requests: number;
  readonly connections: number;
  /** Connections that brought a request lately. */
  readonly activeConnections: number;
  readonly cpuMs: number;
  readonly memoryBytes: number;
  /** How late the event loop ran its timers at worst; null when it ran none. */
  readonly lagMs: number | null;
  /** The share of the time in which the event loop had work, 0 to 1. */
  readonly busyFraction: number;
  readonly payload?: unknown;
}

/** From a worker to its primary. */
export type WorkerMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "report"; readonly report: WorkerReport }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "stopped_leading" }
  | { readonly kind: "message"; readonly payload: unknown };

/** From the primary to a worker. */
export type PrimaryMessage =
  | { readonly kind: "retire"; readonly idleGraceMs: number }
  | { readonly kind: "lead" }
  | { readonly kind: "shed"; readonly connections: number }
  | { readonly kind: "message"; readonly payload: unknown };

export type Parsed<Message> =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly reason: string };

/** How long a worker's own sentence about its failure may be; the rest is cut off. */
const failureLengthMax = 2_000;

/** Puts a message into its envelope. */
export function wrap(message: WorkerMessage | PrimaryMessage): object {
  return { ...message, autoscale: mark };
}

/** Reads what came from a worker. Nothing about it is believed before it has been checked. */
export function parseWorkerMessage(raw: unknown): Parsed<WorkerMessage> {
  const fields = readEnvelope(raw);
  if (typeof fields === "string") return { ok: false, reason: fields };
  switch (fields["kind"]) {
    case "ready":
      return { ok: true, message: { kind: "ready" } };
    case "stopped_leading":
      return { ok: true, message: { kind: "stopped_leading" } };
    case "message":
      return { ok: true, message: { kind: "message", payload: fields["payload"] } };
    case "failed":
      return typeof fields["message"] === "string"
        ? { ok: true, message: { kind: "failed", message: fields["message"].slice(0, failureLengthMax) } }
        : { ok: false, reason: "A failure without a sentence." };
    case "report":
      return parseReport(fields["report"]);
    default:
      return { ok: false, reason: "A message of an unknown kind." };
  }
}

/** Reads what came from the primary. */
export function parsePrimaryMessage(raw: unknown): Parsed<PrimaryMessage> {
  const fields = readEnvelope(raw);
  if (typeof fields === "string") return { ok: false, reason: fields };
  const { idleGraceMs, connections } = fields;
  switch (fields["kind"]) {
    case "lead":
      return { ok: true, message: { kind: "lead" } };
    case "message":
      return { ok: true, message: { kind: "message", payload: fields["payload"] } };
    case "retire":
      return isAmount(idleGraceMs)
        ? { ok: true, message: { kind: "retire", idleGraceMs } }
        : { ok: false, reason: "A call to retire without its grace." };
    case "shed":
      return isAmount(connections)
        ? { ok: true, message: { kind: "shed", connections } }
        : { ok: false, reason: "A call to shed connections without their number." };
    default:
      return { ok: false, reason: "A message of an unknown kind." };
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** @returns the fields inside, or a sentence about why there are none */
function readEnvelope(raw: unknown): Fields | string {
  if (!isRecord(raw)) return "A message that is no object.";
  return raw["autoscale"] === mark ? raw : "A message without the mark of this package.";
}

function parseReport(report: unknown): Parsed<WorkerMessage> {
  if (!isRecord(report)) return { ok: false, reason: "A report without its figures." };
  const { elapsedMs, requests, connections, activeConnections, cpuMs, memoryBytes, lagMs, busyFraction } =
    report;
  if (
    !isAmount(elapsedMs) ||
    !isAmount(requests) ||
    !isAmount(connections) ||
    !isAmount(activeConnections) ||
    !isAmount(cpuMs) ||
    !isAmount(memoryBytes) ||
    !isAmount(busyFraction) ||
    !(lagMs === null || isAmount(lagMs))
  )
    return { ok: false, reason: "A report with a figure that is none." };
  const figures = { elapsedMs, requests, connections, activeConnections, cpuMs, memoryBytes, lagMs };
  const payload = report["payload"] === undefined ? {} : { payload: report["payload"] };
  return { ok: true, message: { kind: "report", report: { ...figures, busyFraction, ...payload } } };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
