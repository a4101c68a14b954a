import { randomBytes, randomUUID } from "node:crypto";
import { type AuditResult, auditArm } from "../audit-arm.ts";
import { BenchError } from "../bench-error.ts";
import type { ClusterBench, PartResult } from "../cluster/cluster-bench.ts";
import { judge } from "../cluster/figures.ts";
import { startService } from "../cluster/service.ts";
import { waitUntil } from "../cluster/wait-until.ts";
import { planLoad, prepareEvent } from "../cluster/with-sale.ts";
import type { BenchDatabase } from "../database/bench-databases.ts";
import { receiveWebhooks } from "./receive-webhooks.ts";

const deliveredMaxMs = 120_000;

/** Measures how fast what happened reaches a receiver, holds being what happens most. */
export async function measureWebhooks(bench: ClusterBench): Promise<PartResult> {
  const { options, databases, signal, log } = bench;
  const database = await databases.get("cluster");
  const eventId = await prepareEvent(bench, database);
  const receiver = await receiveWebhooks();
  await registerEndpoint(database, receiver.url);
  const settings = { workersMin: 1, workersMax: 1, allowPrivateAddresses: true };
  const service = await startService(database.connectionString, settings, signal);
  try {
    const plan = planLoad({
      port: service.port,
      database,
      eventId,
      kind: "hold",
      connections: 64,
      measuredMs: options.smoke ? 200 : 2_000,
    });
    const sinceMs = performance.now();
    const result = await bench.load.run(plan);
    const holds = result.received.count;
    const tookMs = await waitUntil(() => receiver.received >= holds && performance.now() - sinceMs, {
      everyMs: 10,
      limitMs: deliveredMaxMs,
      signal,
    });
    if (tookMs === null)
      throw new BenchError(`Only ${receiver.received} of ${holds} messages were delivered in time.`);
    log(`${holds} messages were delivered in ${Math.round(tookMs)} ms`);
    const audit: AuditResult = await auditArm(database.client, { server: "desk" }, { plan, result });
    const rate = (receiver.received / tookMs) * 1000;
    return {
      figures: [
        judge(
          {
            name: "webhooks",
            what: "messages delivered per second to a receiver on this machine",
            unit: "",
            goal: { atLeast: 500 },
          },
          [rate],
          "sum",
        ),
      ],
      audits: [audit],
      notes: [`${receiver.received} messages were received for ${holds} holds.`],
    };
  } finally {
    await service.stop();
    receiver.stop();
  }
}

async function registerEndpoint({ client }: BenchDatabase, url: string): Promise<void> {
  const secret = `whsec_${randomBytes(24).toString("base64")}`;
  await client.query(
    `insert into webhook_endpoints (id, url, event_types, secret, created_at)
      values ($1, $2, '{reservation.held}', $3, clock_timestamp())`,
    [randomUUID(), url, secret],
  );
}
