import type { ErrorRequestHandler, Express, Request, Response } from "express";
import type { Operation } from "../contract/operations.ts";
import type { Histogram, MetricRecorder } from "../kernel/record-metrics.ts";

/** The status of a request whose client left before it was answered, as some proxies have it. Nobody is ever sent it. */
const clientGoneStatus = 499;

/** Times the requests of one operation. Its series are looked up once for each status, not for each request. */
export class OperationTimer {
  readonly #recorder: MetricRecorder;
  readonly #operation: Operation;
  readonly #byStatus = new Map<number, Histogram>();

  constructor(recorder: MetricRecorder, operation: Operation) {
    this.#recorder = recorder;
    this.#operation = operation;
  }

  /**
   * Takes down a request that has just been answered, or given up.
   *
   * @param sinceMs when it came, on this process's monotonic clock
   */
  finish(response: Response, sinceMs: number): void {
    const status = response.headersSent ? response.statusCode : clientGoneStatus;
    let histogram = this.#byStatus.get(status);
    if (histogram === undefined) {
      const { method, path } = this.#operation;
      histogram = seriesOf(this.#recorder, method.toUpperCase(), path, status);
      this.#byStatus.set(status, histogram);
    }
    histogram.observe((performance.now() - sinceMs) / 1000);
  }
}

/**
 * Times every request that no operation serves: pages, help, and what nobody serves at all. These are few, so each
 * may cost a listener. Must be installed after the operations and before everything else.
 */
export function timeOtherRequests(app: Express, recorder: MetricRecorder): void {
  app.use((request, response, next) => {
    timeUntilClosed(request, response, recorder);
    next();
  });
  // A path that cannot be decoded fails at the first route that looks at it, and so never comes by above.
  const timeFailed: ErrorRequestHandler = (error, request, response, next) => {
    timeUntilClosed(request, response, recorder);
    next(error);
  };
  app.use(timeFailed);
}

function timeUntilClosed(request: Request, response: Response, recorder: MetricRecorder): void {
  const sinceMs = performance.now();
  response.once("close", () => {
    const status = response.writableFinished ? response.statusCode : clientGoneStatus;
    const histogram = seriesOf(recorder, request.method, routeOf(request), status);
    histogram.observe((performance.now() - sinceMs) / 1000);
  });
}

/** The template of the route that served a request; never its path, which is the client's to choose. */
function routeOf(request: Request): string {
  const path: unknown = (request.route as { readonly path?: unknown } | undefined)?.path;
  return typeof path === "string" ? path.replaceAll(/:(\w+)/g, "{$1}") : "unmatched";
}

function seriesOf(recorder: MetricRecorder, method: string, route: string, status: number): Histogram {
  return recorder.histogram("http_request_duration_seconds", { method, route, status_code: String(status) });
}
