import { randomBytes } from "node:crypto";
import { type AuditResult, auditArm } from "../audit-arm.ts";
import type { BenchDatabase } from "../database/bench-databases.ts";
import { ampleCapacity, createEvents, emptyTables } from "../database/create-events.ts";
import type { LoadKind, LoadPlan } from "../load/load-plan.ts";
import { checkpoint } from "../measure-arm.ts";
import type { ClusterBench } from "./cluster-bench.ts";
import { OperationsClient } from "./operations-client.ts";
import { type BuyersResult, PacedBuyers } from "./paced-buyers.ts";
import { type Service, type ServiceSettings, startService } from "./service.ts";

/** A service with one event, and buyers who do not come yet. */
export interface Sale {
  readonly service: Service;
  readonly operations: OperationsClient;
  readonly buyers: PacedBuyers;
  readonly eventId: string;
  readonly database: BenchDatabase;
}

/** What a sale left. */
export interface SaleResult<Found> {
  readonly found: Found;
  readonly buyers: BuyersResult;
  readonly audit: AuditResult;
}

/**
 * Starts the service with one event, does some work with it, lets the buyers finish, and compares what they were told
 * with what the database has. The service is stopped whatever happens.
 *
 * @param connections how many the buyers have
 */
export async function withSale<Found>(
  bench: ClusterBench,
  settings: ServiceSettings,
  connections: number,
  work: (sale: Sale) => Promise<Found>,
): Promise<SaleResult<Found>> {
  const { databases, signal } = bench;
  const database = await databases.get("cluster");
  const eventId = await prepareEvent(bench, database);
  const service = await startService(database.connectionString, settings, signal);
  const plan = planLoad({ port: service.port, database, eventId, kind: "keyed_hold", connections });
  const buyers = new PacedBuyers(plan);
  try {
    const found = await work({
      service,
      operations: new OperationsClient(service),
      buyers,
      eventId,
      database,
    });
    const result = await buyers.stop();
    const told = { received: result.received, confirmedTotal: 0, failures: result.unanswered };
    const audit = await auditArm(database.client, { server: "desk" }, { plan, result: told });
    return { found, buyers: result, audit };
  } finally {
    buyers.abandon();
    await service.stop();
  }
}

/** Empties the database and puts one event on sale. @returns its id */
export async function prepareEvent(bench: ClusterBench, { client }: BenchDatabase): Promise<string> {
  await emptyTables(client);
  const [eventId = ""] = await createEvents(client, 1, ampleCapacity);
  await checkpoint(bench.databases);
  return eventId;
}

/** Makes the plan of a load on one event of this machine, with users of its own. */
export function planLoad({
  port,
  database,
  eventId,
  kind,
  connections,
  warmUpMs = 0,
  measuredMs = 0,
}: {
  port: number;
  database: BenchDatabase;
  eventId: string;
  kind: LoadKind;
  connections: number;
  warmUpMs?: number;
  measuredMs?: number;
}): LoadPlan {
  return {
    host: "127.0.0.1",
    port,
    apiKey: database.apiKey,
    kind,
    eventIds: [eventId],
    carts: 0,
    userTag: randomBytes(3).toString("hex"),
    connections,
    warmUpMs,
    measuredMs,
  };
}
