import type { AutoscalingCluster } from "node-cluster-autoscale";
import { answerQuotas } from "../http/quotas/answer-quotas.ts";
import { LocalQuotas } from "../http/quotas/local-quotas.ts";
import type { RateLimits } from "../http/quotas/quota-source.ts";
import type { Log } from "../kernel/log.ts";
import { workerReport } from "../kernel/worker-report.ts";
import type { MetricTotals } from "../operations/metric-totals.ts";
import type { Operations } from "../operations/operations-ports.ts";
import type { StockFollowing } from "./follow-stock.ts";

/** Passes on what workers report, and puts what happens to them on the charts and in the log. */
export function followCluster(
  cluster: AutoscalingCluster,
  {
    operations,
    totals,
    stock,
    limits,
    log,
  }: {
    operations: Operations;
    totals: MetricTotals;
    stock: StockFollowing;
    limits: RateLimits;
    log: Log;
  },
): void {
  const count = (name: string) => void totals.add([{ name, labels: [], value: 1 }]);
  cluster.on("report", ({ id, payload }) => {
    const report = workerReport.safeParse(payload);
    if (report.success) operations.receive(id, report.data);
    else cluster.countMalformed(id);
  });
  const quotas = new LocalQuotas(limits);
  cluster.on("message", ({ id, payload }) => {
    if (stock.receive(id, payload)) return;
    const reply = answerQuotas(payload, quotas);
    if (reply === null) cluster.countMalformed(id);
    else
      reply.then(
        (message) => cluster.send(id, message),
        // The worker decides for itself when no answer comes.
        (error: unknown) =>
          log.warn({ err: error }, "A worker's question about rate limits was not answered."),
      );
  });
  cluster.on("scaled", ({ from, to, reason }) => {
    log.info({ from, to }, reason);
    operations.note("scaled", `${from} to ${to} workers: ${reason}`);
  });
  cluster.on("worker_exited", ({ id, pid, cause, description, uptimeMs }) => {
    stock.forget(id);
    switch (cause) {
      case "retired":
      case "stopped":
        log.info({ worker: id, worker_pid: pid }, description);
        return;
      case "crashed":
      case "start_timeout":
        count("holdfast_worker_restarts_total");
        log.error(
          { worker: id, worker_pid: pid, uptime_ms: uptimeMs },
          `A worker is replaced: ${description}`,
        );
        operations.note("crashed", description);
        return;
      case "hung":
      case "drain_timeout":
        if (cause === "hung") count("holdfast_worker_restarts_total");
        log.error({ worker: id, worker_pid: pid, uptime_ms: uptimeMs }, `A worker was ended: ${description}`);
        operations.note("hung", description);
        return;
    }
  });
  cluster.on("crash_looping", ({ failures, retryInMs, lastExit }) => {
    const text = `Workers end at every start (${failures} in a row); the next is tried in ${Math.ceil(retryInMs / 1000)} s. ${lastExit}`;
    log.error({ failures }, text);
    operations.note("crash_loop", text);
  });
  cluster.on("recovered", ({ failures }) => log.info({ failures }, "Workers start again."));
  cluster.on("malformed", ({ id, reason }) => {
    count("holdfast_ipc_malformed_total");
    log.warn({ worker: id }, `A worker sent something that is no message, which was ignored: ${reason}`);
  });
}
