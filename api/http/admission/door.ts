import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type RefusalReason, refusalReasons } from "../../kernel/metric-definitions.ts";
import type { Log } from "../../kernel/log.ts";
import type { Counter, Histogram, MetricRecorder } from "../../kernel/record-metrics.ts";
import { problemReply } from "../problem-reply.ts";
import { sendReply } from "../reply.ts";
import { requestIdOf } from "../request-id.ts";
import { type AdmissionLimits, defaultAdmissionLimits } from "./admission-limits.ts";
import { LateRefusals, type Refused } from "./late-refusals.ts";
import { type Arrival, recogniseArrival } from "./request-worth.ts";
import { LoadWatch, type WaitingElsewhere } from "./load-watch.ts";

const lookEveryMs = 20;
/** A door that shuts again and again is told of this often. */
const tellEveryMs = 30_000;
/** A body that is longer than this is not worth reading for the sake of the connection. */
const skippedBytesMax = 64 * 1024;

export interface DoorOptions extends WaitingElsewhere {
  readonly recorder: MetricRecorder;
  readonly log: Pick<Log, "warn">;
  readonly limits?: Partial<AdmissionLimits>;
}

/**
 * Where a worker decides which requests it takes on, before anything is known of them but their first line. While there is
 * room this is one comparison for each. Without room new work is refused first, and what finishes begun work last;
 * probes always pass. A refusal has no effect, so its request may be sent again.
 */
export class Door {
  readonly #limits: AdmissionLimits;
  readonly #recorder: MetricRecorder;
  readonly #log: Pick<Log, "warn">;
  readonly #watch: LoadWatch;
  readonly #refusals: LateRefusals;
  readonly #timer: NodeJS.Timeout;
  #inWork = 0;
  #served = 0;
  #hasRefused = false;
  /** Requests in work below which everything is let in. */
  #openBelow: number;
  readonly #counters: Readonly<Record<RefusalReason, Counter>>;
  readonly #times = new Map<Arrival, Histogram>();
  #refusedSinceTold = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: DoorOptions) {
    this.#limits = { ...defaultAdmissionLimits, ...options.limits };
    this.#recorder = options.recorder;
    this.#log = options.log;
    this.#watch = new LoadWatch(options, this.#limits);
    const counters = refusalReasons.map((reason) => [
      reason,
      options.recorder.counter("holdfast_door_refusals_total", { reason }),
    ]);
    this.#counters = Object.fromEntries(counters) as Record<RefusalReason, Counter>;
    this.#refusals = new LateRefusals(this.#limits);
    this.#openBelow = this.#limits.requestsMax;
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
    this.#timer.unref();
  }

  get connectionsMax(): number {
    return this.#limits.connectionsMax;
  }

  /** Requests that were let in and are not answered yet. */
  get inWork(): number {
    return this.#inWork;
  }

  /** Refusals that wait to be sent. */
  get refusing(): number {
    return this.#refusals.size;
  }

  /** Takes a request on. To be followed by `leave` when it has been answered. */
  enter(): void {
    this.#inWork += 1;
  }

  leave(): void {
    this.#inWork -= 1;
    this.#served += 1;
  }

  /** Does not count a request while it waits for its client, which may be for long. To be called between `enter` and `leave`. */
  async whileWaiting<Result>(wait: () => Promise<Result>): Promise<Result> {
    this.#inWork -= 1;
    try {
      return await wait();
    } finally {
      this.#inWork += 1;
    }
  }

  /** Puts the door before an application. */
  guard(app: RequestListener): RequestListener {
    return (request, response) => {
      if (this.#inWork < this.#openBelow) app(request, response);
      else this.#judge(request, response, app);
    };
  }

  /** Counts a connection that was turned away. */
  countConnection(): void {
    this.#count("connections");
  }

  /** Stops looking, and sends what is left to be sent. */
  stop(): void {
    clearInterval(this.#timer);
    this.#refusals.releaseAll();
  }

  #look(): void {
    const nowMs = performance.now();
    this.#openBelow = this.#watch.look(nowMs, this.#served, this.#hasRefused);
    this.#hasRefused = this.#refusals.size > 0;
    this.#refusals.release(nowMs);
  }

  #judge(request: IncomingMessage, response: ServerResponse, app: RequestListener): void {
    const arrival = recogniseArrival(request.method ?? "", request.url ?? "");
    const reason = this.#reasonAgainst(arrival);
    if (reason === null) {
      app(request, response);
      return;
    }
    this.#count(reason);
    const send = (refused: Refused) => this.#refuse(refused, arrival);
    this.#refusals.add({ request, response, sinceMs: performance.now(), send });
  }

  #reasonAgainst({ worth }: Arrival): RefusalReason | null {
    switch (worth) {
      case "probes":
        return null;
      case "begins":
        return this.#watch.reason;
      case "finishes":
        return this.#inWork < 2 * this.#limits.requestsMax ? null : "requests";
    }
  }

  #refuse({ request, response, sinceMs }: Refused, arrival: Arrival): void {
    const requestId = requestIdOf(request);
    if (hasLongBody(request)) response.shouldKeepAlive = false;
    sendReply(response, problemReply("overloaded", requestId), requestId);
    this.#timesOf(arrival).observe((performance.now() - sinceMs) / 1000);
  }

  #timesOf(arrival: Arrival): Histogram {
    const known = this.#times.get(arrival);
    if (known !== undefined) return known;
    const { method, route } = arrival;
    const series = { method, route, status_code: "503" };
    const times = this.#recorder.histogram("http_request_duration_seconds", series);
    this.#times.set(arrival, times);
    return times;
  }

  #count(reason: RefusalReason): void {
    this.#counters[reason].add(1);
    this.#refusedSinceTold += 1;
    this.#hasRefused = true;
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < tellEveryMs) return;
    this.#log.warn(
      { reason, refused: this.#refusedSinceTold, in_work: this.#inWork },
      "More requests come than this worker can serve; some are refused with 503.",
    );
    this.#toldAtMs = nowMs;
    this.#refusedSinceTold = 0;
  }
}

/** A body is read to its end, and thrown away, before the connection can bring another request. */
function hasLongBody({ headers }: IncomingMessage): boolean {
  const declaredBytes = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || Number(declaredBytes ?? 0) > skippedBytesMax;
}
