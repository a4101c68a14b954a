import { setTimeout as wait } from "node:timers/promises";
import { joinCluster } from "node-cluster-autoscale";
import { limitConnections } from "./http/admission/limit-connections.ts";
import { createApp } from "./http/create-app.ts";
import { listen } from "./http/listen.ts";
import { ownContentOnly, PageFiles } from "./http/page-files.ts";
import { SharedQuotas } from "./http/quotas/shared-quotas.ts";
import { SharedStock } from "./http/streams/shared-stock.ts";
import type { RunningJobs } from "./jobs/start-jobs.ts";
import { ErrorGatherer } from "./kernel/gather-errors.ts";
import { createLog } from "./kernel/log.ts";
import { secretsOf } from "./kernel/mask-secrets.ts";
import { MetricRecorder } from "./kernel/record-metrics.ts";
import type { WorkerReport } from "./kernel/worker-report.ts";
import { failureKindOf } from "./store/sqlstate.ts";
import { type AssembledServices, assembleServices, rateLimitsOf, type WorkerOptions } from "./worker.ts";
import { workerSettings, workerSettingsVariable } from "./worker-settings.ts";

/** A worker that starts while the database is away waits for it so long before it gives its place to another. */
const databaseWaitMaxMs = 8_000;
const databaseRetryMs = 100;

const link = joinCluster();
const settings = workerSettings.parse(JSON.parse(process.env[workerSettingsVariable] ?? "null"));
const errors = new ErrorGatherer();
const log = createLog(settings.logLevel, {
  node: settings.node,
  worker: link.id,
  onTrouble: (trouble) => errors.add(trouble),
  secrets: secretsOf(settings),
});

/** A defect leaves this process in an unknown state: it says so and ends, and the supervisor starts another. */
process.on("uncaughtException", (error) => {
  log.fatal({ err: error }, "A worker met a defect and ends.");
  // What it has counted and gathered is sent on the way out.
  process.exit(1);
});

try {
  await serve();
} catch (error) {
  log.error({ err: error }, "A worker could not start.");
  link.fail(error instanceof Error ? error.message : String(error));
}

async function serve(): Promise<void> {
  const { role, host, port, storefrontFolder } = settings;
  const recorder = new MetricRecorder();
  link.onTrouble((message, error) => log.warn({ err: error }, message));
  const send = (message: unknown) => {
    link.send(message);
    // One that is dropped is answered by the time limit.
    return true;
  };
  const rateLimits = rateLimitsOf(settings);
  const quotas = new SharedQuotas({ limits: rateLimits, send });
  const sharedStock = new SharedStock(send);
  const assembled = await assembleWhenPossible({
    ...settings,
    log,
    recorder,
    rateLimits,
    quotas,
    sharedStock,
  });
  let jobs: RunningJobs | null = null;
  if (role !== "api") {
    link.onLead(() => {
      const begun = assembled.beginJobs();
      jobs = begun;
      return async () => {
        jobs = null;
        await begun.stop();
      };
    });
  }
  link.onMessage((message) => {
    if (isRunJob(message)) jobs?.runNow(message.name);
    else if (!sharedStock.receive(message) && !quotas.receive(message))
      log.warn("The supervisor sent something that is no message; ignored.");
  });
  link.collect(() => makeReport(assembled, recorder, jobs));
  link.onDrain(() => assembled.services.stockHub.stop());
  link.onRetire(() => assembled.stop());
  if (role !== "jobs") {
    const address = { host, port, setting: "PORT" };
    const storefront = new PageFiles(storefrontFolder, ownContentOnly);
    const { door } = assembled.services;
    await listen(door.guard(createApp(assembled.services, storefront)), address, {
      trustedProxies: settings.trustedProxies,
      prepare: (server) => {
        limitConnections(server, door);
        link.observe(server);
      },
    });
  }
  link.ready();
}

/** Waits for a database that is away, since every other worker would meet the same. */
async function assembleWhenPossible(options: WorkerOptions): Promise<AssembledServices> {
  const giveUpAtMs = performance.now() + databaseWaitMaxMs;
  for (;;) {
    try {
      return await assembleServices(options);
    } catch (error) {
      if (failureKindOf(error) !== "unavailable" || performance.now() > giveUpAtMs) throw error;
      await wait(databaseRetryMs);
    }
  }
}

function makeReport(
  { readGauges }: AssembledServices,
  recorder: MetricRecorder,
  jobs: RunningJobs | null,
): WorkerReport {
  const { errors: found, dropped } = errors.take();
  return {
    metrics: recorder.takeDeltas(),
    gauges: readGauges(),
    errors: found,
    errors_dropped: dropped,
    jobs: jobs?.status() ?? null,
  };
}

function isRunJob(message: unknown): message is { readonly kind: "run_job"; readonly name: string } {
  return (
    typeof message === "object" &&
    message !== null &&
    "kind" in message &&
    message.kind === "run_job" &&
    "name" in message &&
    typeof message.name === "string"
  );
}
